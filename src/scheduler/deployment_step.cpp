// SPDX-License-Identifier: Apache-2.0
#include "scheduler/deployment_step.hpp"

#include "state/rollout.hpp"

namespace caravan::scheduler {
namespace {

using model::DeploymentStatus;

bool is_of(const model::Allocation& alloc, const model::Job& job) {
  return alloc.job->version == job.version && alloc.job->create_index == job.create_index;
}

}  // namespace

DeploymentStep::DeploymentStep(const state::Tables& tables, const model::Evaluation& eval,
                               const model::Job* job, Outcome& outcome)
    : tables_(tables), eval_(eval), job_(job), outcome_(outcome) {
  const state::Ref<model::Deployment> latest = tables_.latest_deployment(eval_.job());
  if (!latest) return;
  const bool stopped = !job_ || job_->stop;
  // A rollout belongs to one job version; what is left of others is over.
  const bool current = job_ && latest->job_version == job_->version &&
                       latest->job_create_index == job_->create_index;
  if (current) rollout_ = latest;
  if (latest->is_active() && (stopped || !current)) {
    outcome_.plan.result.deployment_updates.push_back(
        {latest->id,
         DeploymentStatus::cancelled,
         stopped ? "Cancelled because job is stopped" : "Cancelled due to newer version of job",
         {}});
  } else if (current && latest->is_active()) {
    active_ = latest;
    halted_ = latest->status == DeploymentStatus::paused;
    outcome_.deployment_id = latest->id;
  } else if (current) {
    halted_ = latest->status == DeploymentStatus::failed;
    finished_ = latest->status == DeploymentStatus::successful;
  }
}

const model::DeploymentState* DeploymentStep::rollout_of(const model::TaskGroup& group) const {
  if (!rollout_) return nullptr;
  const auto row = rollout_->groups.find(group.name);
  return row == rollout_->groups.end() ? nullptr : &row->second;
}

bool DeploymentStep::deploys(const model::TaskGroup& group) const {
  return active_ && active_->groups.contains(group.name);
}

void DeploymentStep::begin(const Diffs& diffs, const std::vector<AllocRef>& allocs, IdSource& ids) {
  const bool has_rollouts =
      job_->type == model::JobType::service || job_->type == model::JobType::system;
  if (active_ || halted_ || finished_ || !has_rollouts) return;
  const bool new_version =
      std::ranges::none_of(allocs, [&](const AllocRef& a) { return is_of(*a, *job_); });
  if (!new_version) return;
  model::Deployment deployment;
  for (const auto& [group, diff] : diffs) {
    if (!group->update || group->update->max_parallel == 0) continue;
    const model::DesiredUpdates& counts = diff.counts;
    if (counts.place + counts.destructive + counts.in_place + counts.canary == 0) continue;
    model::DeploymentState& row = deployment.groups[group->name];
    row.auto_revert = group->update->auto_revert;
    row.auto_promote = group->update->auto_promote;
    row.desired_canaries = diff.canaries;
    row.progress_deadline = group->update->progress_deadline;
    row.desired_total = diff.total;
  }
  if (deployment.groups.empty()) return;
  deployment.id = ids.next<base::DeploymentId>();
  deployment.ns = job_->ns;
  deployment.job_id = job_->id;
  deployment.job_version = job_->version;
  deployment.job_modify_index = job_->modify_index;
  deployment.job_spec_modify_index = job_->job_modify_index;
  deployment.job_create_index = job_->create_index;
  deployment.eval_priority = eval_.priority;
  deployment.status_description = model::running_description(deployment);
  outcome_.deployment_id = deployment.id;
  active_ = std::make_shared<const model::Deployment>(deployment);
  outcome_.plan.result.deployment = std::move(deployment);
}

void DeploymentStep::follow_nodes(const Diffs& diffs) {
  if (!active_ || outcome_.plan.result.deployment) return;
  for (const auto& [group, diff] : diffs) {
    const model::DeploymentState* row = rollout_of(*group);
    if (!row) continue;
    const int canaries = row->awaits_promotion() ? diff.canaries : row->desired_canaries;
    if (row->desired_total != diff.total || row->desired_canaries != canaries)
      outcome_.plan.result.deployment_totals.push_back(
          {active_->id, group->name, diff.total, canaries, {}});
  }
}

void DeploymentStep::finish(const Diffs& diffs) {
  if (!active_ || outcome_.plan.result.deployment || active_->status != DeploymentStatus::running)
    return;
  for (const auto& [name, row] : active_->groups)
    if (row.awaits_promotion()) return;
  for (const auto& [group, diff] : diffs)
    if (deploys(*group) && (!diff.settled || !diff.in_place.empty() || diff.total == 0 ||
                            state::healthy_now(tables_, *active_, group->name) < diff.total))
      return;
  outcome_.plan.result.deployment_updates.push_back(
      {active_->id, DeploymentStatus::successful, "Deployment completed successfully", {}});
}

}  // namespace caravan::scheduler
