// SPDX-License-Identifier: Apache-2.0
// What can be done to a job: stop, start again, restart, and how many copies of a group.
import { useEffect, useState } from "preact/hooks";
import { Refusal, change, get } from "./api";
import { Count, Deeds, type Deed } from "./deeds";
import type { AllocStub, Group, Job, JobRestart } from "./shapes";

const [stops, registers, scales, restarts] = ["deregister-job", "register-job", "scale-job", "alloc-lifecycle"].map((what) => `namespace:${what}`);
export const jobCapabilities = [stops, registers, scales, restarts];

const pathOf = (job: Job, rest = "") => `/v1/job/${encodeURIComponent(job.ID)}${rest}?namespace=${encodeURIComponent(job.Namespace)}`;
const lookMs = 1000;

/// The text that a stopped job came from, which it keeps. The stop is a version of its own, without
/// one; what was registered as JSON has none at all.
async function sourceOf(job: Job): Promise<object | undefined> {
  if (job.Version === 0) return undefined;
  try {
    return await get<object>(`${pathOf(job, "/submission")}&version=${job.Version - 1}`);
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return undefined;
    throw error;
  }
}

/// As the command line submits it: what the job says now, if nobody has changed it meanwhile.
async function startAgain(job: Job): Promise<void> {
  const whole = await get<Job>(pathOf(job));
  await change("PUT", pathOf(job), {
    Job: { ...whole, Stop: false },
    EnforceIndex: true,
    JobModifyIndex: job.JobModifyIndex,
    Submission: await sourceOf(whole),
  });
}

const isOver = (restart: JobRestart) => !["running", "paused"].includes(restart.Status);

/// How far a restart is that was begun here, asked for with short questions: those that wait are
/// as many as a browser has connections for, nearly.
function Restarting({ job, begun, may }: { job: Job; begun: JobRestart; may: boolean }) {
  const [restart, setRestart] = useState(begun);
  useEffect(() => {
    setRestart(begun);
    let shown = true;
    let timer = setTimeout(look, lookMs);
    async function look() {
      const now = await get<JobRestart>(pathOf(job, "/restart")).catch(() => undefined);
      if (!shown) return;
      if (now) setRestart(now);
      if (!now || !isOver(now)) timer = setTimeout(look, lookMs);
    }
    return () => {
      shown = false;
      clearTimeout(timer);
    };
  }, [begun]);
  const all = restart.Allocations ?? [];
  const done = all.filter((alloc) => alloc.Progress !== "waiting" && alloc.Progress !== "restarting").length;
  const cancel: Deed = {
    name: "Cancel the restart",
    doing: "Cancelling…",
    said: "No further one is restarted.",
    needs: restarts,
    work: () => change("PUT", pathOf(job, "/restart/cancel")),
  };
  return (
    <article class="rollout progress">
      <label>
        <span>
          Restart: {done} of {all.length} are done{restart.Status !== "running" && `, ${restart.Status}`}
          {restart.StatusDescription && `: ${restart.StatusDescription}`}
        </span>
        <progress max={Math.max(1, all.length)} value={done} />
      </label>
      {!isOver(restart) && may && <Deeds label="Restart" of={[cancel]} />}
    </article>
  );
}

/// A batch has done its work; a service that is dead has no copies, and may get some.
const isEnded = (job: Job) => job.Status === "dead" && ["batch", "sysbatch"].includes(job.Type);

export function JobDeeds({ job, allocs, may }: { job: Job; allocs: AllocStub[] | undefined; may: ReadonlySet<string> }) {
  const [begun, setBegun] = useState<JobRestart | undefined>();
  const running = allocs?.filter((alloc) => alloc.ClientStatus === "running" && alloc.DesiredStatus === "run").length ?? 0;
  const stop: Deed = {
    name: "Stop",
    doing: "Stopping…",
    said: "The job is told to stop.",
    needs: stops,
    severe: true,
    sure: {
      title: `Stop ${job.ID}?`,
      text: `${running === 0 ? "Nothing of it runs now" : running === 1 ? "Its one running allocation ends" : `Its ${running} running allocations end`}. The job stays known, and can be started again.`,
      yes: `Stop ${job.ID}`,
    },
    work: () => change("DELETE", pathOf(job)),
  };
  const start: Deed = {
    name: "Start again",
    doing: "Starting…",
    said: "The job is to run again.",
    needs: registers,
    work: () => startAgain(job),
  };
  const restart: Deed = {
    name: "Restart",
    doing: "Beginning…",
    said: "The servers restart it, one allocation after the other.",
    needs: restarts,
    sure: {
      title: `Restart ${job.ID}?`,
      text: `${running === 1 ? "Its running allocation is" : `Its ${running} running allocations are`} restarted where ${running === 1 ? "it is" : "they are"}, one after the other; the next one once the one before runs well.`,
      yes: `Restart ${job.ID}`,
    },
    work: async () => setBegun(await change<JobRestart>("PUT", pathOf(job, "/restart"), { BatchSize: 1, OnError: "fail" })),
  };
  // A child of a periodic or a parameterized job is made by it, and not run again by itself.
  const again = job.Stop && !job.ParentID;
  const ended = isEnded(job);
  return (
    <>
      <Deeds
        label="Job"
        of={[
          !job.Stop && running > 0 && may.has(restarts) && restart,
          again && may.has(registers) && start,
          !job.Stop && !ended && may.has(stops) && stop,
        ]}
      />
      {begun && <Restarting job={job} begun={begun} may={may.has(restarts)} />}
    </>
  );
}

/// Jobs of the system have one on each node, and what stands in a parent is its children's.
export function GroupCount({ job, group, may, rolls }: { job: Job; group: Group; may: ReadonlySet<string>; rolls: boolean }) {
  const counts = ["service", "batch"].includes(job.Type) && !job.Periodic && !job.ParameterizedJob;
  if (!counts || job.Stop || isEnded(job) || !may.has(scales)) return null;
  return (
    <Count
      of={group.Name}
      count={group.Count}
      min={group.Scaling?.Min ?? 0}
      max={group.Scaling?.Max}
      advice={rolls ? "Promote or fail the deployment that is under way, or wait for its end." : undefined}
      scale={(count) => change("PUT", pathOf(job, "/scale"), { Target: { Group: group.Name }, Count: count, Message: "scaled on the page" })}
    />
  );
}
