// SPDX-License-Identifier: Apache-2.0
// Nodes, and what runs where.
import { change, useLive, useMay } from "./api";
import { Deeds, type Deed } from "./deeds";
import { Ago, Facts, Shown, Status, Table, shortId, type Column } from "./parts";
import { allocLink, jobLink, nodeLink } from "./router";
import { allocColumns } from "./jobs";
import type { AllocStub, Node, NodeStub } from "./shapes";

const state = (node: NodeStub) =>
  node.Status === "ready" && node.Drain ? "draining" : node.Status === "ready" && node.SchedulingEligibility !== "eligible" ? "ineligible" : node.Status;

const columns: Column<NodeStub>[] = [
  { name: "Node", of: (n) => <a href={nodeLink(n.ID)}>{n.Name}</a>, by: (n) => n.Name },
  { name: "Id", of: (n) => <code>{shortId(n.ID)}</code>, by: (n) => n.ID, narrow: true },
  { name: "Status", of: (n) => <Status of={state(n)} />, by: state },
  { name: "Address", of: (n) => n.Address, by: (n) => n.Address },
  { name: "Datacenter", of: (n) => n.Datacenter, by: (n) => n.Datacenter },
  { name: "Pool", of: (n) => n.NodePool, by: (n) => n.NodePool },
  { name: "Class", of: (n) => n.NodeClass || "–", by: (n) => n.NodeClass },
  { name: "Drivers", of: (n) => drivers(n), by: (n) => drivers(n) },
];

function drivers(node: NodeStub): string {
  return Object.entries(node.Drivers ?? {})
    .filter(([, driver]) => driver.Detected && driver.Healthy)
    .map(([name]) => name)
    .join(", ");
}

export function Nodes() {
  const live = useLive<NodeStub[]>("/v1/nodes");
  return (
    <>
      <h1>Nodes</h1>
      <Shown live={live}>
        {(nodes) => <Table rows={nodes} columns={columns} keyOf={(n) => n.ID} label="Nodes" empty="No client has joined yet." />}
      </Shown>
    </>
  );
}

/// When a drain ends by force; of one without a deadline that it is under way.
function drained(node: Node): [string, string][] {
  if (!node.DrainStrategy) return [];
  const end = new Date(node.DrainStrategy.ForceDeadline ?? "");
  return [["Drains", end.getTime() > 0 ? `until ${end.toLocaleString()}` : "without a deadline"]];
}

const write = "node:write";
const hourNs = 3_600_000_000_000; // as the command line's

function NodeDeeds({ node }: { node: Node }) {
  const may = useMay("default", [write]);
  if (!may.has(write)) return null;
  const at = `/v1/node/${node.ID}`;
  const eligibility = (to: string) => () => change("PUT", `${at}/eligibility`, { NodeID: node.ID, Eligibility: to });
  const turn: Deed =
    node.SchedulingEligibility === "eligible"
      ? { name: "Mark ineligible", doing: "Marking…", said: "Nothing new is placed here; what runs goes on.", needs: write, work: eligibility("ineligible") }
      : { name: "Mark eligible", doing: "Marking…", said: "It is eligible again.", needs: write, work: eligibility("eligible") };
  const drain: Deed = {
    name: "Drain",
    doing: "Draining…",
    said: "What runs here moves to other nodes.",
    needs: write,
    severe: true,
    sure: {
      title: `Drain ${node.Name}?`,
      text: "What runs on it moves to other nodes, as the migrate blocks of its jobs say; what is left after an hour is stopped. System jobs go last. Nothing new is placed here until the node is marked eligible.",
      yes: "Drain it",
    },
    work: () => change("PUT", `${at}/drain`, { NodeID: node.ID, DrainSpec: { Deadline: hourNs, IgnoreSystemJobs: false } }),
  };
  const cancel: Deed = {
    name: "Cancel the drain",
    doing: "Cancelling…",
    said: "What is still here stays, and the node is eligible again.",
    needs: write,
    work: () => change("PUT", `${at}/drain`, { NodeID: node.ID, DrainSpec: null, MarkEligible: true }),
  };
  return <Deeds label="Node" of={node.DrainStrategy ? [cancel] : [turn, drain]} />;
}

export function NodePage({ id }: { id: string }) {
  const live = useLive<Node>(`/v1/node/${id}`);
  const allocs = useLive<AllocStub[]>(`/v1/node/${id}/allocations`);
  return (
    <>
      <Shown live={live}>
        {(node) => (
          <>
            <h1>
              {node.Name} <code class="quiet">{shortId(node.ID)}</code>
            </h1>
            <Facts
              of={[
                ["Status", <Status of={state(node)} />],
                ["Address", node.Attributes?.["unique.network.ip-address"] ?? "–"],
                ["Datacenter", node.Datacenter],
                ["Pool", node.NodePool],
                ["Class", node.NodeClass || "–"],
                ["CPU", `${node.NodeResources?.Cpu.CpuShares ?? 0} MHz`],
                ["Memory", `${node.NodeResources?.Memory.MemoryMB ?? 0} MiB`],
                ["Drivers", drivers(node) || "none"],
                ...drained(node),
              ]}
            />
            <NodeDeeds node={node} />
          </>
        )}
      </Shown>
      <h2>Allocations</h2>
      <Shown live={allocs}>
        {(list) => (
          <Table
            rows={[...list].sort((a, b) => b.ModifyTime - a.ModifyTime)}
            columns={[
              ...allocColumns.slice(0, 2),
              { name: "Job", of: (a: AllocStub) => <a href={jobLink(a.JobID, a.Namespace)}>{a.JobID}</a>, by: (a: AllocStub) => a.JobID },
              ...allocColumns.slice(3),
            ]}
            keyOf={(a) => a.ID}
            label="Allocations"
            empty="Nothing runs here."
          />
        )}
      </Shown>
      <Shown live={live}>
        {(node) => (
          <>
            <h2>Events</h2>
            <Table
              rows={[...(node.Events ?? [])].reverse()}
              columns={[
                { name: "When", of: (e) => <Ago at={e.Timestamp} />, narrow: true },
                { name: "What", of: (e) => e.Subsystem },
                { name: "", of: (e) => e.Message },
              ]}
              keyOf={(e) => `${e.Timestamp} ${e.Message}`}
              label="Events"
              empty="None."
              search={false}
            />
          </>
        )}
      </Shown>
    </>
  );
}

interface Size {
  cpu: number;
  memory: number;
}
function sizeOf(alloc: AllocStub): Size {
  const tasks = Object.values(alloc.AllocatedResources?.Tasks ?? {});
  return {
    cpu: tasks.reduce((all, task) => all + task.Cpu.CpuShares, 0),
    memory: tasks.reduce((all, task) => all + task.Memory.MemoryMB, 0),
  };
}

/// A colour for each job, the same on every page and day.
function hue(job: string): number {
  let sum = 0;
  for (const letter of job) sum = (sum * 31 + letter.charCodeAt(0)) % 360;
  return sum;
}

const share = (part: number, whole: number) => (whole > 0 ? Math.min(100, Math.round((100 * part) / whole)) : 0);

function Machine({ node, allocs }: { node: NodeStub; allocs: AllocStub[] }) {
  const whole = { cpu: node.NodeResources?.Cpu.CpuShares ?? 0, memory: node.NodeResources?.Memory.MemoryMB ?? 0 };
  const sizes = allocs.map(sizeOf);
  const used = sizes.reduce((all, one) => ({ cpu: all.cpu + one.cpu, memory: all.memory + one.memory }), { cpu: 0, memory: 0 });
  return (
    <article class={`machine ${state(node)}`}>
      <header>
        <a href={nodeLink(node.ID)}>{node.Name}</a> <Status of={state(node)} />
      </header>
      <ul class="blocks" aria-label={`Allocations on ${node.Name}`}>
        {allocs.map((alloc, i) => (
          <li
            key={alloc.ID}
            style={{ "--hue": hue(alloc.JobID), flexGrow: Math.max(1, sizes[i].memory) }}
            class={alloc.ClientStatus === "running" ? "" : "faint"}
          >
            <a href={allocLink(alloc.ID)} title={`${alloc.Name} · ${alloc.ClientStatus} · ${sizes[i].cpu} MHz · ${sizes[i].memory} MiB`}>
              {alloc.Name}
            </a>
          </li>
        ))}
        {allocs.length === 0 && <li class="free">nothing</li>}
      </ul>
      <p class="quiet">
        CPU {share(used.cpu, whole.cpu)} % of {whole.cpu} MHz · memory {share(used.memory, whole.memory)} % of {whole.memory} MiB
      </p>
    </article>
  );
}

const machinesMax = 500;

export function Topology() {
  const nodes = useLive<NodeStub[]>("/v1/nodes?resources=true");
  const allocs = useLive<AllocStub[]>("/v1/allocations?namespace=*&resources=true");
  return (
    <>
      <h1>Topology</h1>
      <Shown live={nodes}>
        {(list) => (
          <Shown live={allocs}>
            {(all) => {
              const on = new Map<string, AllocStub[]>();
              for (const alloc of all)
                if (["running", "pending", "unknown"].includes(alloc.ClientStatus) && alloc.DesiredStatus === "run")
                  on.set(alloc.NodeID, [...(on.get(alloc.NodeID) ?? []), alloc]);
              const centers = [...new Set(list.map((node) => node.Datacenter))].sort();
              return (
                <>
                  {list.length > machinesMax && <p class="quiet">The first {machinesMax} of {list.length} nodes.</p>}
                  {centers.map((center) => (
                    <section key={center} aria-label={`Datacenter ${center}`}>
                      <h2>{center}</h2>
                      <div class="machines">
                        {list
                          .filter((node) => node.Datacenter === center)
                          .sort((a, b) => a.Name.localeCompare(b.Name))
                          .slice(0, machinesMax)
                          .map((node) => (
                            <Machine key={node.ID} node={node} allocs={(on.get(node.ID) ?? []).sort((a, b) => a.Name.localeCompare(b.Name))} />
                          ))}
                      </div>
                    </section>
                  ))}
                </>
              );
            }}
          </Shown>
        )}
      </Shown>
    </>
  );
}
