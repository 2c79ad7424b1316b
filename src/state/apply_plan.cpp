// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {
namespace {

using model::Allocation;

/// What a plan adds to the counts of jobs and rollouts, written once for all its placements.
class Counts {
 public:
  void add_new(const Allocation& alloc) {
    ++of_jobs_[{alloc.job->job_id(), alloc.group}][alloc.client_status];
  }
  void add_placed(const Allocation& alloc) {
    Placed& placed = of_deployments_[alloc.deployment_id][alloc.group];
    ++placed.count;
    if (alloc.is_canary()) placed.canaries.push_back(alloc.id);
  }

  void write(Change& change) const {
    for (const auto& [group, by_status] : of_jobs_) {
      for (const auto& [status, count] : by_status)
        count_new(change, group.first, group.second, status, count);
      refresh_job_status(change, group.first);
    }
    for (const auto& [id, groups] : of_deployments_)
      write_placed(change, id, groups);
  }

 private:
  struct Placed {
    int count = 0;
    std::vector<base::AllocId> canaries;
  };
  using PlacedByGroup = std::map<std::string, Placed>;

  static void write_placed(Change& change, const base::DeploymentId& id,
                           const PlacedByGroup& groups) {
    const Ref<model::Deployment> old = change.tables().deployment(id);
    if (!old) return;
    auto deployment = std::make_shared<model::Deployment>(*old);
    for (const auto& [group, placed] : groups) {
      const auto found = deployment->groups.find(group);
      if (found == deployment->groups.end()) continue;
      model::DeploymentState& row = found->second;
      row.placed_allocs += placed.count;
      row.placed_canaries.insert(row.placed_canaries.end(), placed.canaries.begin(),
                                 placed.canaries.end());
      if (row.require_progress_by.is_zero())
        row.require_progress_by = base::Instant{change.time_ns()} + row.progress_deadline;
      deployment->modify_index = change.index();
      deployment->modify_time_ns = change.time_ns();
    }
    if (deployment->modify_index == change.index()) change.put(Ref<model::Deployment>(deployment));
  }

  std::map<std::pair<base::JobId, std::string>, std::map<model::ClientStatus, int>> of_jobs_;
  std::map<base::DeploymentId, PlacedByGroup> of_deployments_;
};

/// What was there already and is updated in place keeps what its node said.
void update(Change& change, const Ref<Allocation>& old, Allocation alloc) {
  alloc.create_index = old->create_index;
  alloc.create_time_ns = old->create_time_ns;
  alloc.client_status = old->client_status;
  alloc.client_description = old->client_description;
  alloc.task_states = old->task_states;
  alloc.network_status = old->network_status;
  put_alloc(change, old, std::move(alloc));
}

void add(Change& change, Allocation alloc) {
  alloc.create_index = alloc.modify_index = change.index();
  alloc.create_time_ns = change.time_ns();
  const base::AllocId id = alloc.id;
  const Ref<Allocation> previous = change.tables().alloc(alloc.previous_allocation);
  change.put(std::make_shared<const Allocation>(std::move(alloc)));
  if (!previous) return;
  // One that came back after its replacement had ended may need another.
  const Ref<Allocation> known = change.tables().alloc(previous->next_allocation);
  if (!known || known->terminal()) {
    Allocation linked = *previous;
    linked.next_allocation = id;
    put_alloc(change, previous, std::move(linked));
  }
}

void place(Change& change, const Allocation& given,
           std::shared_ptr<const model::AllocMetric> metrics, Counts& counts) {
  if (!given.job || !given.job->find_group(given.group)) return;  // not from a planner of ours
  const Ref<Allocation> old = change.tables().alloc(given.id);
  if (!given.deployment_id.is_nil() && (!old || old->deployment_id != given.deployment_id))
    counts.add_placed(given);
  if (!old) counts.add_new(given);
  Allocation alloc = given;
  alloc.metrics = std::move(metrics);
  alloc.alloc_modify_index = change.index();
  alloc.modify_time_ns = change.time_ns();
  if (old)
    update(change, old, std::move(alloc));
  else
    add(change, std::move(alloc));
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

void set_totals(Change& change, const wire::DeploymentTotals& totals) {
  const Ref<model::Deployment> old = change.tables().deployment(totals.deployment_id);
  if (!old || !old->is_active() || !old->groups.contains(totals.group)) return;
  auto deployment = std::make_shared<model::Deployment>(*old);
  model::DeploymentState& row = deployment->groups[totals.group];
  row.desired_total = totals.desired_total;
  // Whether it waits for a promotion is not for the nodes to say.
  if (row.awaits_promotion()) row.desired_canaries = std::max(totals.desired_canaries, 1);
  deployment->modify_index = change.index();
  deployment->modify_time_ns = change.time_ns();
  change.put(Ref<model::Deployment>(deployment));
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
    for (const wire::DeploymentTotals& totals : plan.deployment_totals)
      set_totals(change, totals);
    for (const wire::DeploymentUpdate& update : plan.deployment_updates)
      update_deployment(change, update);
    for (const wire::AllocStop& s : plan.stopped)
      stop(change, s);
    Counts counts;
    for (std::size_t i = 0; i < plan.placed.size(); ++i)
      place(change, plan.placed[i], plan.metrics_at(i), counts);
    counts.write(change);
    upsert_evals(change, plan.evals);
  }
}

}  // namespace caravan::state
