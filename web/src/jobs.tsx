// SPDX-License-Identifier: Apache-2.0
// Jobs: the list, and one job with its groups, allocations, rollouts and evaluations.
import { token, useLive, useMay } from "./api";
import { GroupCount, JobDeeds, jobCapabilities } from "./job_deeds";
import { Ago, Bar, Facts, Shown, Status, Table, shortId, type Column } from "./parts";
import { allocLink, evalLink, jobLink, nodeLink } from "./router";
import { Progress, isActive } from "./deployments";
import type { AllocStub, Deployment, Evaluation, GroupSummary, Job, JobStub } from "./shapes";

const counts = (groups: GroupSummary[]): [string, number, string][] => {
  const sum = (of: (group: GroupSummary) => number) => groups.reduce((all, group) => all + of(group), 0);
  return [
    ["running", sum((g) => g.Running), "good"],
    ["starting", sum((g) => g.Starting), "busy"],
    ["queued", sum((g) => g.Queued), "busy"],
    ["unknown", sum((g) => g.Unknown), "bad"],
    ["failed", sum((g) => g.Failed), "bad"],
    ["lost", sum((g) => g.Lost), "bad"],
    ["complete", sum((g) => g.Complete), "calm"],
  ];
};

const kind = (job: JobStub) =>
  job.Periodic ? `${job.Type}, periodic` : job.ParameterizedJob ? `${job.Type}, parameterized` : job.Type;
const status = (job: { Status: string; Stop: boolean }) => (job.Stop ? "stopped" : job.Status);

const columns: Column<JobStub>[] = [
  { name: "Job", of: (job) => <a href={jobLink(job.ID, job.Namespace)}>{job.ID}</a>, by: (job) => job.ID },
  { name: "Namespace", of: (job) => job.Namespace, by: (job) => job.Namespace },
  { name: "Status", of: (job) => <Status of={status(job)} />, by: status },
  { name: "Type", of: kind, by: kind },
  {
    name: "Allocations",
    of: (job) => <Bar label="Allocations" parts={counts(Object.values(job.JobSummary?.Summary ?? {}))} />,
  },
  { name: "Submitted", of: (job) => <Ago at={job.SubmitTime} />, by: (job) => -job.SubmitTime, narrow: true },
];

export function Jobs() {
  const live = useLive<JobStub[]>("/v1/jobs?namespace=*");
  return (
    <>
      <h1>Jobs</h1>
      <Shown live={live}>
        {(jobs) => (
          <Table
            rows={jobs}
            columns={columns}
            keyOf={(job) => `${job.Namespace}/${job.ID}`}
            label="Jobs"
            empty={token() ? "No job runs here that this token may see." : "No job runs here, or none that may be seen without a token."}
          />
        )}
      </Shown>
    </>
  );
}

/// A node's allocations come whole, with their job in them.
const version = (a: AllocStub) => a.JobVersion ?? a.Job?.Version ?? 0;

export const allocColumns: Column<AllocStub>[] = [
  { name: "Allocation", of: (a) => <a href={allocLink(a.ID)}>{a.Name}</a>, by: (a) => a.Name },
  { name: "Id", of: (a) => <code>{shortId(a.ID)}</code>, by: (a) => a.ID, narrow: true },
  { name: "Node", of: (a) => <a href={nodeLink(a.NodeID)}>{a.NodeName}</a>, by: (a) => a.NodeName },
  { name: "Status", of: (a) => <Status of={a.ClientStatus} />, by: (a) => a.ClientStatus },
  { name: "Wanted", of: (a) => a.DesiredStatus, by: (a) => a.DesiredStatus, narrow: true },
  { name: "Version", of: version, by: version, narrow: true },
  {
    name: "Restarts",
    of: (a) => Object.values(a.TaskStates ?? {}).reduce((all, task) => all + task.Restarts, 0),
    narrow: true,
  },
  { name: "Changed", of: (a) => <Ago at={a.ModifyTime} />, by: (a) => -a.ModifyTime, narrow: true },
];

export const evalColumns: Column<Evaluation>[] = [
  { name: "Evaluation", of: (e) => <a href={evalLink(e.ID)}>{shortId(e.ID)}</a>, by: (e) => e.ID },
  { name: "Job", of: (e) => (e.JobID ? <a href={jobLink(e.JobID, e.Namespace)}>{e.JobID}</a> : "–"), by: (e) => e.JobID },
  { name: "Triggered by", of: (e) => e.TriggeredBy, by: (e) => e.TriggeredBy },
  { name: "Status", of: (e) => <Status of={e.Status} />, by: (e) => e.Status },
  { name: "Not placed", of: (e) => unplaced(e), by: (e) => unplaced(e) },
  { name: "Changed", of: (e) => <Ago at={e.ModifyTime} />, by: (e) => -e.ModifyTime, narrow: true },
];

function unplaced(evaluation: Evaluation): string {
  const groups = Object.keys(evaluation.FailedTGAllocs ?? {});
  return groups.length ? `${groups.join(", ")}: no node fits` : "";
}

export function JobPage({ id, ns }: { id: string; ns: string }) {
  const path = `/v1/job/${encodeURIComponent(id)}`;
  const of = `?namespace=${encodeURIComponent(ns)}`;
  const job = useLive<Job>(path + of);
  const summary = useLive<{ Summary: Record<string, GroupSummary> | null }>(`${path}/summary${of}`);
  const allocs = useLive<AllocStub[]>(`${path}/allocations${of}`);
  const evals = useLive<Evaluation[]>(`${path}/evaluations${of}`);
  const rollout = useLive<Deployment | null>(`${path}/deployment${of}`);
  const may = useMay(ns, jobCapabilities);
  const rolls = isActive(rollout.data?.Status ?? "");
  const newest = (list: AllocStub[]) => [...list].sort((a, b) => b.CreateTime - a.CreateTime);
  const waiting = evals.data?.find((e) => e.Status === "blocked");
  return (
    <>
      <h1>{id}</h1>
      <Shown live={job}>
        {(job) => (
          <>
            <Facts
              of={[
                ["Status", <Status of={status(job)} />],
                ["Type", job.Type],
                ["Namespace", job.Namespace],
                ["Version", job.Version],
                ["Priority", job.Priority],
                ["Node pool", job.NodePool],
                ["Submitted", <Ago at={job.SubmitTime} />],
              ]}
            />
            <JobDeeds job={job} allocs={allocs.data} may={may} />
            {waiting && (
              <p class="problem">
                Something of it is not placed: {Object.keys(waiting.FailedTGAllocs ?? {}).join(", ")}.{" "}
                <a href={evalLink(waiting.ID)}>Why</a>
              </p>
            )}
            <h2>Groups</h2>
            <ul class="cards">
              {job.TaskGroups.map((group) => (
                <li key={group.Name}>
                  <strong>{group.Name}</strong> × {group.Count}
                  <Bar label={group.Name} parts={counts([summary.data?.Summary?.[group.Name]].filter((g) => g !== undefined))} />
                  <span class="quiet">{group.Tasks.map((task) => `${task.Name} (${task.Driver})`).join(", ")}</span>
                  <GroupCount job={job} group={group} may={may} rolls={rolls} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Shown>
      {rollout.data && (
        <>
          <h2>Newest deployment</h2>
          <Progress of={rollout.data} />
        </>
      )}
      <h2>Allocations</h2>
      <Shown live={allocs}>
        {(list) => (
          <Table rows={newest(list)} columns={allocColumns} keyOf={(a) => a.ID} label="Allocations" empty="None was ever placed." />
        )}
      </Shown>
      <h2>Evaluations</h2>
      <Shown live={evals}>
        {(list) => (
          <Table
            rows={[...list].sort((a, b) => b.CreateTime - a.CreateTime)}
            columns={evalColumns.filter((c) => c.name !== "Job")}
            keyOf={(e) => e.ID}
            label="Evaluations"
            empty="None."
            search={false}
          />
        )}
      </Shown>
    </>
  );
}
