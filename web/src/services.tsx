// SPDX-License-Identifier: Apache-2.0
// Services of jobs and of the registry, how well they are, and where they are routed.
import { isRegistry, useLive } from "./api";
import { Facts, Shown, Status, Table } from "./parts";
import { allocLink, jobLink, nodeLink, serviceLink } from "./router";
import type { Health, Instance, Services } from "./shapes";

/// What its tags ask of the ingress: "urlprefix-/shop" and Traefik's rules.
export function routesOf(tags: string[] | null): string[] {
  return (tags ?? []).flatMap((tag) => {
    if (tag.startsWith("urlprefix-")) return [tag.slice("urlprefix-".length).split(" ")[0]];
    const rule = /^traefik\.(?:http|tcp)\.routers\.[^.]+\.rule=(.*)$/i.exec(tag);
    return rule ? [rule[1]] : [];
  });
}

const Routes = ({ tags }: { tags: string[] | null }) => {
  const routes = [...new Set(routesOf(tags))];
  return routes.length ? <>{routes.map((route) => <code key={route} class="tag route">{route}</code>)}</> : <span class="quiet">–</span>;
};
const Tags = ({ tags }: { tags: string[] | null }) => (
  <>{(tags ?? []).map((tag) => <code key={tag} class="tag">{tag}</code>)}</>
);

interface Row {
  name: string;
  ns: string;
  tags: string[] | null;
}

function rowsOf(answer: Services[] | Record<string, string[]>): Row[] {
  if (Array.isArray(answer))
    return answer.flatMap((space) => space.Services.map((s) => ({ name: s.ServiceName, ns: space.Namespace, tags: s.Tags })));
  return Object.entries(answer).map(([name, tags]) => ({ name, ns: "", tags }));
}

export function ServiceList() {
  const path = isRegistry() ? "/v1/catalog/services" : "/v1/services?namespace=*";
  const live = useLive<Services[] | Record<string, string[]>>(path);
  return (
    <>
      <h1>Services</h1>
      <Shown live={live}>
        {(answer) => (
          <Table
            rows={rowsOf(answer).sort((a, b) => a.name.localeCompare(b.name))}
            columns={[
              { name: "Service", of: (s) => <a href={serviceLink(s.name, s.ns)}>{s.name}</a>, by: (s) => s.name },
              ...(isRegistry() ? [] : [{ name: "Namespace", of: (s: Row) => s.ns, by: (s: Row) => s.ns }]),
              { name: "Routed at", of: (s) => <Routes tags={s.tags} />, by: (s) => routesOf(s.tags).join(" ") },
              { name: "Tags", of: (s) => <Tags tags={s.tags} />, by: (s) => (s.tags ?? []).join(" ") },
            ]}
            keyOf={(s) => `${s.ns}/${s.name}`}
            label="Services"
            empty="Nothing is registered."
          />
        )}
      </Shown>
    </>
  );
}

const worst = (health: Health) =>
  ["critical", "warning"].find((status) => health.Checks.some((check) => check.Status === status)) ?? "passing";

function RegistryService({ name }: { name: string }) {
  const live = useLive<Health[]>(`/v1/health/service/${encodeURIComponent(name)}`);
  return (
    <>
      <h1>{name}</h1>
      <Shown live={live}>
        {(list) => (
          <Table
            rows={list}
            columns={[
              { name: "Instance", of: (h) => h.Service.ID, by: (h) => h.Service.ID },
              { name: "Health", of: (h) => <Status of={worst(h)} />, by: worst },
              { name: "Address", of: (h) => `${h.Service.Address || h.Node.Address}:${h.Service.Port}`, by: (h) => h.Service.Address || h.Node.Address },
              { name: "Node", of: (h) => h.Node.Node, by: (h) => h.Node.Node },
              { name: "Routed at", of: (h) => <Routes tags={h.Service.Tags} /> },
              {
                name: "Checks",
                of: (h) => (
                  <ul class="plain">
                    {h.Checks.map((check) => (
                      <li key={check.CheckID} title={check.Output}>
                        <Status of={check.Status} /> {check.Name} <span class="quiet">{check.Output.slice(0, 120)}</span>
                      </li>
                    ))}
                  </ul>
                ),
              },
            ]}
            keyOf={(h) => `${h.Node.Node}/${h.Service.ID}`}
            label="Instances"
            empty="It has no instance."
          />
        )}
      </Shown>
    </>
  );
}

/// How well an instance is, as its node knows it; asked once an instance.
function Checked({ alloc, service }: { alloc: string; service: string }) {
  const live = useLive<Record<string, { Service: string; Check: string; Status: string; Output: string }>>(
    `/v1/client/allocation/${alloc}/checks`,
  );
  const checks = Object.values(live.data ?? {}).filter((check) => check.Service === service);
  if (!live.data) return <span class="quiet">…</span>;
  if (checks.length === 0) return <span class="quiet">no checks</span>;
  return (
    <>
      {checks.map((check) => (
        <span key={check.Check} title={check.Output}>
          <Status of={check.Status === "success" ? "passing" : check.Status} /> {check.Check}{" "}
        </span>
      ))}
    </>
  );
}

/// So many connections a browser gives one page, at most.
const checksAtOnce = 3;

export function ServicePage({ name, ns }: { name: string; ns: string }) {
  if (isRegistry()) return <RegistryService name={name} />;
  const live = useLive<Instance[]>(`/v1/service/${encodeURIComponent(name)}?namespace=${encodeURIComponent(ns)}`);
  return (
    <>
      <h1>{name}</h1>
      <Facts of={[["Namespace", ns]]} />
      <Shown live={live}>
        {(list) => (
          <Table
            rows={list}
            columns={[
              { name: "Address", of: (s) => `${s.Address}:${s.Port}`, by: (s) => `${s.Address}:${s.Port}` },
              { name: "Job", of: (s) => <a href={jobLink(s.JobID, s.Namespace)}>{s.JobID}</a>, by: (s) => s.JobID },
              { name: "Allocation", of: (s) => <a href={allocLink(s.AllocID)}>{s.AllocID.slice(0, 8)}</a>, by: (s) => s.AllocID },
              { name: "Node", of: (s) => <a href={nodeLink(s.NodeID)}>{s.NodeID.slice(0, 8)}</a>, by: (s) => s.NodeID },
              {
                name: "Checks",
                of: (s) => (list.length <= checksAtOnce ? <Checked alloc={s.AllocID} service={name} /> : <a href={allocLink(s.AllocID)}>see</a>),
              },
              { name: "Routed at", of: (s) => <Routes tags={s.Tags} /> },
              { name: "Tags", of: (s) => <Tags tags={s.Tags} />, by: (s) => (s.Tags ?? []).join(" ") },
            ]}
            keyOf={(s) => s.ID}
            label="Instances"
            empty="It has no instance."
          />
        )}
      </Shown>
    </>
  );
}
