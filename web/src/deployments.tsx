// SPDX-License-Identifier: Apache-2.0
// Rollouts, as they come further.
import { change, useLive, useMay } from "./api";
import { Deeds, type Deed } from "./deeds";
import { Shown, Status, shortId } from "./parts";
import { jobLink } from "./router";
import type { Deployment } from "./shapes";

export const isActive = (status: string): boolean => ["running", "pending", "blocked", "paused"].includes(status);
const rights = ["promote", "pause", "fail"].map((what) => `namespace:${what}-deployment`);

function RolloutDeeds({ of }: { of: Deployment }) {
  const may = useMay(of.Namespace, rights);
  const groups = Object.entries(of.TaskGroups ?? {}).filter(([, group]) => group.DesiredCanaries > 0 && !group.Promoted);
  const [promotes, pauses, fails] = rights;
  const put = (what: string, body: object) => () => change("PUT", `/v1/deployment/${what}/${of.ID}`, { DeploymentID: of.ID, ...body });
  const promote: Deed = {
    name: "Promote",
    doing: "Promoting…",
    said: "The canaries are promoted; the rest follows.",
    needs: promotes,
    work: put("promote", { All: true }),
  };
  const stopped = of.Status === "paused";
  const pause: Deed = stopped
    ? { name: "Resume", doing: "Resuming…", said: "It goes on.", needs: pauses, work: put("pause", { Pause: false }) }
    : { name: "Pause", doing: "Pausing…", said: "It waits.", needs: pauses, work: put("pause", { Pause: true }) };
  const fail: Deed = {
    name: "Fail",
    doing: "Failing…",
    said: "It has failed, and replaces nothing any more.",
    needs: fails,
    severe: true,
    sure: {
      title: `Fail the deployment of ${of.JobID}?`,
      text: `Version ${of.JobVersion} is not rolled out any further. Where the job says auto_revert, its last stable version comes back.`,
      yes: "Fail it",
    },
    work: put("fail", {}),
  };
  return (
    <Deeds
      label={`Deployment of ${of.JobID}`}
      of={[may.has(promotes) && groups.length > 0 && promote, may.has(pauses) && pause, may.has(fails) && fail]}
    />
  );
}

export function Progress({ of }: { of: Deployment }) {
  return (
    <article class="rollout">
      <header>
        <a href={jobLink(of.JobID, of.Namespace)}>{of.JobID}</a> version {of.JobVersion} <Status of={of.Status} />{" "}
        <code class="quiet">{shortId(of.ID)}</code>
      </header>
      <p class="quiet">{of.StatusDescription}</p>
      {Object.entries(of.TaskGroups ?? {}).map(([name, group]) => (
        <div key={name} class="progress">
          <label>
            <span>
              {name}: {group.HealthyAllocs} of {group.DesiredTotal} healthy
              {group.UnhealthyAllocs > 0 && `, ${group.UnhealthyAllocs} unhealthy`}
              {group.DesiredCanaries > 0 && `, ${group.DesiredCanaries} canaries ${group.Promoted ? "promoted" : "wait for promotion"}`}
            </span>
            <progress max={Math.max(1, group.DesiredTotal)} value={group.HealthyAllocs} />
          </label>
          {of.Status === "running" && group.RequireProgressBy && (
            <span class="quiet">has to come further by {new Date(group.RequireProgressBy).toLocaleTimeString()}</span>
          )}
        </div>
      ))}
      {isActive(of.Status) && <RolloutDeeds of={of} />}
    </article>
  );
}

export function Deployments() {
  const live = useLive<Deployment[]>("/v1/deployments?namespace=*");
  const rank = (d: Deployment) => (isActive(d.Status) ? 0 : 1);
  return (
    <>
      <h1>Deployments</h1>
      <Shown live={live}>
        {(list) =>
          list.length ? (
            <div class="stack">
              {[...list]
                .sort((a, b) => rank(a) - rank(b) || b.JobVersion - a.JobVersion || a.JobID.localeCompare(b.JobID))
                .slice(0, 200)
                .map((d) => (
                  <Progress key={d.ID} of={d} />
                ))}
            </div>
          ) : (
            <p class="quiet">Jobs with an update block have deployments; there is none.</p>
          )
        }
      </Shown>
    </>
  );
}

