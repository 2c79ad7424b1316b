// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {
namespace {

using model::Deployment;
using model::DeploymentStatus;

void set_stable(Change& change, const base::JobId& id, std::uint64_t version, bool stable) {
  const Ref<model::Job> old = change.tables().job_version(id, version);
  if (!old || old->stable == stable) return;
  auto marked = std::make_shared<model::Job>(*old);
  marked->stable = stable;
  marked->modify_index = change.index();
  const Ref<model::Job> current = change.tables().job(id);
  change.put_version(marked);
  if (current && current->version == version) change.put(Ref<model::Job>(marked));
}

/// Time does not count against a rollout that waited for somebody.
void begin_deadline_anew(Change& change, model::DeploymentState& row) {
  if (row.require_progress_by.is_zero()) return;
  row.require_progress_by = base::Instant{change.time_ns()} + row.progress_deadline;
}

void put(Change& change, Deployment deployment) {
  deployment.modify_index = change.index();
  deployment.modify_time_ns = change.time_ns();
  change.put(std::make_shared<const Deployment>(std::move(deployment)));
}

/// The nodes hear of it: their services wear the canaries' tags no longer.
void end_canary(Change& change, const base::AllocId& id) {
  const Ref<model::Allocation> old = change.tables().alloc(id);
  if (!old || !old->is_canary()) return;
  model::Allocation alloc = *old;
  alloc.deployment_status->canary = false;
  alloc.deployment_status->modify_index = change.index();
  alloc.alloc_modify_index = change.index();
  alloc.modify_time_ns = change.time_ns();
  put_alloc(change, old, std::move(alloc));
}

void judge(Change& change, const wire::SetAllocHealth& c, const base::AllocId& id, bool healthy) {
  const Ref<model::Allocation> old = change.tables().alloc(id);
  if (!old || old->deployment_id != c.deployment_id) return;
  model::Allocation alloc = *old;
  if (!alloc.deployment_status) alloc.deployment_status.emplace();
  alloc.deployment_status->healthy = healthy;
  alloc.deployment_status->timestamp = base::Instant{change.time_ns()};
  alloc.deployment_status->modify_index = change.index();
  alloc.modify_time_ns = change.time_ns();
  put_alloc(change, old, std::move(alloc));
}

}  // namespace

void update_deployment(Change& change, const wire::DeploymentUpdate& update) {
  const Ref<Deployment> old = change.tables().deployment(update.deployment_id);
  if (!old || !old->is_active()) return;
  Deployment deployment = *old;
  deployment.status = update.status;
  deployment.status_description = update.description;
  if (old->status == DeploymentStatus::paused && update.status == DeploymentStatus::running)
    for (auto& [group, row] : deployment.groups)
      begin_deadline_anew(change, row);
  put(change, std::move(deployment));
  if (update.status == DeploymentStatus::successful)
    set_stable(change, old->job(), old->job_version, true);
  refresh_job_status(change, old->job());
}

void apply(Change& change, const wire::UpdateDeployment& c) {
  const Ref<Deployment> old = change.tables().deployment(c.update.deployment_id);
  const bool counts = old && old->is_active();
  update_deployment(change, c.update);
  // What was submitted since somebody decided to go back is newer, and stays.
  const Ref<model::Job> job = counts ? change.tables().job(old->job()) : nullptr;
  const bool reverts = c.revert && job && !job->stop && job->version == old->job_version;
  if (reverts) apply(change, *c.revert);
  if (!c.eval) return;
  model::Evaluation eval = *c.eval;
  if (reverts) eval.job_modify_index = change.index();
  upsert_evals(change, {eval});
}

void apply(Change& change, const wire::PromoteDeployment& c) {
  const Ref<Deployment> old = change.tables().deployment(c.deployment_id);
  if (!old || !old->is_active()) return;
  Deployment deployment = *old;
  for (const std::string& group : c.groups) {
    const auto row = deployment.groups.find(group);
    if (row == deployment.groups.end() || !row->second.awaits_promotion()) continue;
    row->second.promoted = true;
    begin_deadline_anew(change, row->second);
  }
  if (deployment.status == DeploymentStatus::running)
    deployment.status_description = model::running_description(deployment);
  const Deployment promoted = deployment;
  put(change, std::move(deployment));
  for (const auto& [group, row] : promoted.groups)
    if (row.promoted)
      for (const base::AllocId& id : row.placed_canaries)
        end_canary(change, id);
  if (c.eval) upsert_evals(change, {*c.eval});
}

void apply(Change& change, const wire::SetAllocHealth& c) {
  for (const base::AllocId& id : c.healthy)
    judge(change, c, id, true);
  for (const base::AllocId& id : c.unhealthy)
    judge(change, c, id, false);
  if (c.failure) apply(change, *c.failure);
  if (c.eval) upsert_evals(change, {*c.eval});
}

void apply(Change& change, const wire::SetJobStability& c) {
  set_stable(change, {c.ns, c.job_id}, c.version, c.stable);
}

}  // namespace caravan::state
