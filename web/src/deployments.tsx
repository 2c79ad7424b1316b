// SPDX-License-Identifier: Apache-2.0
// Rollouts, as they come further.
import { useLive } from "./api";
import { Shown, Status, shortId } from "./parts";
import { jobLink } from "./router";
import type { Deployment } from "./shapes";

export const isActive = (status: string): boolean => ["running", "pending", "blocked", "paused"].includes(status);

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

