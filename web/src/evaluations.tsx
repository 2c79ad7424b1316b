// SPDX-License-Identifier: Apache-2.0
// Evaluations, and why something is not placed.
import { useEffect, useState } from "preact/hooks";
import { get, useLive } from "./api";
import { Facts, Problem, Shown, Status, Table, shortId } from "./parts";
import { allocLink, evalLink, jobLink } from "./router";
import { evalColumns } from "./jobs";
import type { Evaluation, Why } from "./shapes";

export function Evaluations() {
  const live = useLive<Evaluation[]>("/v1/evaluations?namespace=*&reverse=true&per_page=500");
  return (
    <>
      <h1>Evaluations</h1>
      <Shown live={live}>
        {(list) => (
          <Table
            rows={[...list].sort((a, b) => Number(b.Status === "blocked") - Number(a.Status === "blocked") || b.ModifyTime - a.ModifyTime)}
            columns={evalColumns}
            keyOf={(e) => e.ID}
            label="Evaluations"
            empty="None."
          />
        )}
      </Shown>
    </>
  );
}

function Group({ of: group }: { of: Why["Groups"][number] }) {
  const { Now: now } = group;
  return (
    <article class="rollout">
      <header>
        <strong>{group.Name}</strong> × {group.Count}
      </header>
      {group.Placed.length > 0 && (
        <p>
          Placed by it:{" "}
          {group.Placed.map((p) => (
            <span key={p.AllocID}>
              <a href={allocLink(p.AllocID)}>{p.Name}</a> on {p.NodeName}{" "}
            </span>
          ))}
        </p>
      )}
      {group.Queued > 0 && <p class="problem">{group.Queued} could not be placed.</p>}
      <p>
        At this moment {now.Fitting} of {now.Nodes} nodes would take another one.
      </p>
      {now.WaitsFor.length > 0 && <p>It waits for: {now.WaitsFor.join(", ")}</p>}
      {now.QuotaExhausted.length > 0 && <p>The quota has no room for: {now.QuotaExhausted.join(", ")}</p>}
      {now.Fitting < now.Nodes && now.Classes.length > 0 && (
        <ul>
          {now.Classes.map((c) =>
            Object.entries(c.Obstacles).map(([obstacle, nodes]) => (
              <li key={c.Class + obstacle}>
                {nodes} node{nodes === 1 ? "" : "s"}
                {c.Class && ` of class ${c.Class}`}: {obstacle}
              </li>
            )),
          )}
        </ul>
      )}
      {now.Relaxations.length > 0 && (
        <>
          <p>It would be placed with:</p>
          <ul>
            {now.Relaxations.map((r) => (
              <li key={r.Text}>
                {r.Text} <span class="quiet">({r.NodeName}{r.Nodes > 1 ? ` and ${r.Nodes - 1} more` : ""})</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </article>
  );
}

export function EvaluationPage({ id }: { id: string }) {
  const live = useLive<Evaluation>(`/v1/evaluation/${id}`);
  const [why, setWhy] = useState<Why | undefined>();
  const [error, setError] = useState<Error | undefined>();
  const status = live.data?.Status;
  useEffect(() => {
    const end = new AbortController();
    get<Why>(`/v1/evaluation/${id}/why`, end.signal).then(setWhy, (failure: Error) => {
      if (!end.signal.aborted) setError(failure);
    });
    return () => end.abort();
  }, [id, status]);
  return (
    <>
      <h1>
        Evaluation <code>{shortId(id)}</code>
      </h1>
      <Shown live={live}>
        {(e) => (
          <>
            <Facts
              of={[
                ["Status", <Status of={e.Status} />],
                ["Job", e.JobID ? <a href={jobLink(e.JobID, e.Namespace)}>{e.JobID}</a> : "–"],
                ["Triggered by", e.TriggeredBy],
                ["Priority", e.Priority],
                ...(e.BlockedEval ? [["Goes on as", <a href={evalLink(e.BlockedEval)}>{shortId(e.BlockedEval)}</a>] as [string, preact.JSX.Element]] : []),
              ]}
            />
            {e.StatusDescription && <p class="quiet">{e.StatusDescription}</p>}
          </>
        )}
      </Shown>
      <h2>Why</h2>
      {error && !why && <Problem error={error} />}
      {why?.JobStopped && <p class="quiet">The job is stopped: nothing is to be placed.</p>}
      {why?.Groups.map((group) => <Group key={group.Name} of={group} />)}
    </>
  );
}
