// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {
namespace {

using model::Allocation;

void count_placed(Change& change, const Allocation& alloc) {
  const Ref<model::Deployment> old = change.tables().deployment(alloc.deployment_id);
  if (!old || !old->groups.contains(alloc.group)) return;
  auto deployment = std::make_shared<model::Deployment>(*old);
  model::DeploymentState& row = deployment->groups[alloc.group];
  ++row.placed_allocs;
  if (alloc.deployment_status && alloc.deployment_status->canary)
    row.placed_canaries.push_back(alloc.id);
  if (row.require_progress_by.is_zero())
    row.require_progress_by = base::Instant{change.time_ns()} + row.progress_deadline;
  deployment->modify_index = change.index();
  deployment->modify_time_ns = change.time_ns();
  change.put(Ref<model::Deployment>(deployment));
}

void place(Change& change, const Allocation& given,
           std::shared_ptr<const model::AllocMetric> metrics) {
  if (!given.job || !given.job->find_group(given.group)) return;  // not from a planner of ours
  const Ref<Allocation> old = change.tables().alloc(given.id);
  Allocation alloc = given;
  alloc.metrics = std::move(metrics);
  alloc.create_index = old ? old->create_index : change.index();
  alloc.create_time_ns = old ? old->create_time_ns : change.time_ns();
  alloc.alloc_modify_index = change.index();
  alloc.modify_time_ns = change.time_ns();
  if (old) {  // an update in place: what the node said stays
    alloc.client_status = old->client_status;
    alloc.client_description = old->client_description;
    alloc.task_states = old->task_states;
    alloc.network_status = old->network_status;
  }
  const bool joins_deployment =
      !alloc.deployment_id.is_nil() && (!old || old->deployment_id != alloc.deployment_id);
  put_alloc(change, old, alloc);
  if (joins_deployment) count_placed(change, alloc);
  const Ref<Allocation> previous = change.tables().alloc(alloc.previous_allocation);
  if (old || !previous) return;
  // One that came back after its replacement had ended may need another.
  const Ref<Allocation> known = change.tables().alloc(previous->next_allocation);
  if (!known || known->terminal()) {
    Allocation linked = *previous;
    linked.next_allocation = alloc.id;
    put_alloc(change, previous, std::move(linked));
  }
}

void stop(Change& change, const wire::AllocStop& s) {
  const Ref<Allocation> old = change.tables().alloc(s.alloc_id);
  if (!old) return;
  Allocation alloc = *old;
  // A follow-up alone asks for nothing to stop; it only says when the replacement comes.
  if (s.followup_eval_id.is_nil() || !s.description.empty()) {
    const bool was_preempted = old->desired_status == model::DesiredStatus::evict;
    const bool is_preempted = was_preempted || !s.preempted_by.is_nil();
    alloc.desired_status = is_preempted ? model::DesiredStatus::evict : model::DesiredStatus::stop;
    alloc.desired_description = s.description;
    if (!s.preempted_by.is_nil()) alloc.preempted_by = s.preempted_by;
  }
  if (!s.followup_eval_id.is_nil()) alloc.followup_eval_id = s.followup_eval_id;
  if (s.client_status) set_client_status(change, alloc, *s.client_status);
  alloc.alloc_modify_index = change.index();
  alloc.modify_time_ns = change.time_ns();
  put_alloc(change, old, std::move(alloc));
}

}  // namespace

void apply(Change& change, const wire::ApplyPlans& c) {
  for (const wire::PlanResult& plan : c.plans) {
    if (plan.deployment) {
      auto deployment = std::make_shared<model::Deployment>(*plan.deployment);
      deployment->create_index = deployment->modify_index = change.index();
      deployment->create_time_ns = deployment->modify_time_ns = change.time_ns();
      change.put(Ref<model::Deployment>(deployment));
    }
    for (const wire::DeploymentUpdate& update : plan.deployment_updates)
      update_deployment(change, update);
    for (const wire::AllocStop& s : plan.stopped)
      stop(change, s);
    for (std::size_t i = 0; i < plan.placed.size(); ++i)
      place(change, plan.placed[i], plan.metrics_at(i));
    upsert_evals(change, plan.evals);
  }
}

}  // namespace caravan::state
