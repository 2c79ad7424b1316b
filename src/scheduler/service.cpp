// SPDX-License-Identifier: Apache-2.0
#include "scheduler/service.hpp"

#include "scheduler/reconcile.hpp"
#include "scheduler/reschedule.hpp"
#include "scheduler/seating.hpp"
#include "state/rollout.hpp"

namespace caravan::scheduler {
namespace {

using model::DeploymentStatus;

/// Follow-ups that come due within this time of each other share an evaluation.
constexpr base::Duration follow_up_batch{5'000'000'000};

/// One evaluation of a service or batch job, step by step.
class Counted {
 public:
  Counted(const state::Tables& tables, const model::Evaluation& eval, base::Instant now)
      : tables_(tables),
        eval_(eval),
        now_(now),
        ids_(eval.id, tables.index),
        job_(tables.job(eval.job())),
        allocs_(tables.allocs_of_job(eval.job())) {}

  Outcome run() {
    outcome_.plan.result.eval_id = eval_.id;
    outcome_.plan.priority = eval_.priority;
    const bool stopped = !job_ || job_->stop;
    end_old_deployments(stopped);
    if (stopped) {
      for (Stopping& s : stop_all(tables_, allocs_))
        stop(std::move(s));
      return std::move(outcome_);
    }
    outcome_.plan.all_at_once = job_->all_at_once;
    stop_removed_groups();
    std::vector<std::pair<const model::TaskGroup*, GroupDiff>> diffs;
    for (const model::TaskGroup& group : job_->groups) {
      diffs.emplace_back(&group, reconcile({tables_, *job_, group, eval_, now_, active_.get(),
                                            halted_, rollout_of(group)},
                                           allocs_));
      outcome_.annotations.desired_updates[group.name] = diffs.back().second.counts;
      outcome_.queued[group.name] = 0;
    }
    begin_deployment(diffs);
    seating_.emplace(tables_, *job_, ids_);
    for (const auto& [group, diff] : diffs)
      for (const Wanted& wanted : diff.place)
        if (wanted.job) seating_->add(wanted.job);
    for (auto& [group, diff] : diffs)
      apply_stops(diff);
    for (auto& [group, diff] : diffs)
      update_in_place(*group, diff);
    for (auto& [group, diff] : diffs)
      place(*group, diff);
    for (auto& [group, diff] : diffs)
      plan_later(diff);
    for (auto& [group, diff] : diffs)
      plan_silent(diff);
    finish_deployment(diffs);
    note_eligibility();
    return std::move(outcome_);
  }

 private:
  using Diffs = std::vector<std::pair<const model::TaskGroup*, GroupDiff>>;

  void stop(Stopping s) {
    outcome_.plan.result.stopped.push_back(
        {s.alloc->id, std::move(s.description), s.client_status, {}, {}});
  }

  /// A rollout belongs to one job version; what is left of others is over.
  void end_old_deployments(bool stopped) {
    const state::Ref<model::Deployment> latest = tables_.latest_deployment(eval_.job());
    if (!latest) return;
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

  const model::DeploymentState* rollout_of(const model::TaskGroup& group) const {
    if (!rollout_) return nullptr;
    const auto row = rollout_->groups.find(group.name);
    return row == rollout_->groups.end() ? nullptr : &row->second;
  }

  void stop_removed_groups() {
    std::vector<AllocRef> removed;
    for (const AllocRef& alloc : allocs_)
      if (!job_->find_group(alloc->group)) removed.push_back(alloc);
    for (Stopping& s : stop_all(tables_, removed))
      stop(std::move(s));
  }

  void begin_deployment(const Diffs& diffs) {
    if (active_ || halted_ || finished_ || job_->type != model::JobType::service) return;
    model::Deployment deployment;
    for (const auto& [group, diff] : diffs) {
      if (!group->update || group->update->max_parallel == 0) continue;
      const bool changes =
          diff.counts.place + diff.counts.destructive + diff.counts.in_place + diff.counts.canary >
          0;
      const bool new_version = std::ranges::none_of(allocs_, [&](const AllocRef& a) {
        return a->job->version == job_->version && a->job->create_index == job_->create_index;
      });
      if (!changes || !new_version) continue;
      model::DeploymentState& row = deployment.groups[group->name];
      row.auto_revert = group->update->auto_revert;
      row.auto_promote = group->update->auto_promote;
      row.desired_canaries = diff.canaries;
      row.progress_deadline = group->update->progress_deadline;
      row.desired_total = group->count;
    }
    if (deployment.groups.empty()) return;
    deployment.id = ids_.next<base::DeploymentId>();
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

  bool deploys(const model::TaskGroup& group) const {
    return active_ && active_->groups.contains(group.name);
  }

  void apply_stops(GroupDiff& diff) {
    for (Stopping& s : diff.stop) {
      seating_->release(*s.alloc);
      stop(std::move(s));
    }
  }

  /// The node keeps running the tasks; only the job they belong to is a newer one. Where that job
  /// no longer wants the node, the allocation is replaced instead.
  void update_in_place(const model::TaskGroup& group, GroupDiff& diff) {
    for (const AllocRef& alloc : diff.in_place) {
      const state::Ref<model::Node> node = tables_.node(alloc->node_id);
      if (!wants_node(*job_, *node) ||
          !seating_->placer().feasibility(group).reason(*node).empty()) {
        diff.place.push_back({alloc->index, alloc, false, true});
        continue;
      }
      model::Allocation updated = *alloc;
      updated.job = job_;
      updated.eval_id = eval_.id;
      if (deploys(group)) {
        updated.deployment_id = active_->id;
        updated.deployment_status.reset();
      }
      outcome_.plan.result.placed.push_back(std::move(updated));
    }
  }

  std::vector<base::NodeId> nodes_to_avoid(const Wanted& wanted) const {
    if (!wanted.rescheduled) return {};
    std::vector<base::NodeId> nodes = {wanted.previous->node_id};
    if (wanted.previous->reschedule_tracker)
      for (const model::RescheduleEvent& event : wanted.previous->reschedule_tracker->events)
        nodes.push_back(event.previous_node);
    return nodes;
  }

  static bool must_leave(const Wanted& wanted) {
    return wanted.replaces && wanted.previous->desired_transition.migrate.value_or(false);
  }

  void place(const model::TaskGroup& group, const GroupDiff& diff) {
    for (const Wanted& wanted : diff.place) {
      const bool leaves = must_leave(wanted);
      if (leaves) {  // also when nothing is found for it
        seating_->release(*wanted.previous);
        stop({wanted.previous, why::migrating, {}});
      }
      if (outcome_.failed_groups.contains(
              group.name)) {  // what was not found once is not found again
        ++outcome_.failed_groups[group.name].coalesced_failures;
        ++outcome_.queued[group.name];
        continue;
      }
      const model::TaskGroup& placed = wanted.job ? *wanted.job->find_group(group.name) : group;
      Placer& placer = seating_->placer(wanted.job);
      if (wanted.replaces && !leaves) seating_->release(*wanted.previous);
      const std::optional<Placement> placement = placer.place(placed, nodes_to_avoid(wanted));
      if (!placement) {
        if (wanted.replaces && !leaves)
          seating_->occupy(*wanted.previous);  // it stays until there is room
        outcome_.failed_groups[group.name] = placer.metrics();
        ++outcome_.queued[group.name];
        continue;
      }
      add_placement(placed, wanted, *placement);
    }
  }

  void add_placement(const model::TaskGroup& group, const Wanted& wanted,
                     const Placement& placement) {
    model::Allocation alloc =
        new_allocation(eval_, wanted.job ? wanted.job : job_, group, wanted.index, placement, ids_);
    alloc.memory_oversubscription =
        tables_.scheduler_config_for(placement.node->node_pool).memory_oversubscription;
    // One of an older version is no part of the rollout.
    if (deploys(group) && !wanted.job) alloc.deployment_id = active_->id;
    if (wanted.canary) alloc.deployment_status.emplace().canary = true;
    if (wanted.previous) {
      alloc.previous_allocation = wanted.previous->id;
      if (wanted.rescheduled)
        alloc.reschedule_tracker = next_tracker(*wanted.previous, group, now_);
      else
        alloc.reschedule_tracker = wanted.previous->reschedule_tracker;
      if (wanted.rescheduled) stop({wanted.previous, why::rescheduled, {}});
      if (wanted.replaces && !must_leave(wanted)) stop({wanted.previous, why::updating, {}});
    }
    seating_->occupy(alloc);
    outcome_.plan.result.placed.push_back(std::move(alloc));
  }

  void plan_later(GroupDiff& diff) {
    std::ranges::sort(diff.later, {},
                      [](const Later& l) { return std::pair(l.when, l.alloc->id); });
    model::Evaluation* current = nullptr;
    for (const Later& later : diff.later) {
      // An evaluation that is still to come was made for it before.
      const state::Ref<model::Evaluation> known = tables_.eval(later.alloc->followup_eval_id);
      if (known && !known->is_terminal() && known->id != eval_.id) continue;
      if (!current || later.when > current->wait_until + follow_up_batch)
        current = &outcome_.plan.result.evals.emplace_back(
            follow_up(eval_, model::triggered_by::alloc_failure, later.when, ids_));
      outcome_.plan.result.stopped.push_back({later.alloc->id, "", {}, current->id, {}});
    }
  }

  /// They go on as unknown; an evaluation comes when they are to be given up.
  void plan_silent(GroupDiff& diff) {
    std::ranges::sort(diff.silent, {},
                      [](const Later& l) { return std::pair(l.when, l.alloc->id); });
    model::Evaluation* end = nullptr;
    for (const Later& silent : diff.silent) {
      if (!end || silent.when > end->wait_until + follow_up_batch)
        end = &outcome_.plan.result.evals.emplace_back(
            follow_up(eval_, model::triggered_by::max_disconnect_timeout, silent.when, ids_));
      outcome_.plan.result.stopped.push_back(
          {silent.alloc->id, "", model::ClientStatus::unknown, end->id, {}});
    }
  }

  void finish_deployment(const Diffs& diffs) {
    if (!active_ || outcome_.plan.result.deployment || active_->status != DeploymentStatus::running)
      return;
    for (const auto& [name, row] : active_->groups)
      if (row.awaits_promotion() || state::healthy_now(tables_, *active_, name) < row.desired_total)
        return;
    for (const auto& [group, diff] : diffs)
      if (deploys(*group) && (!diff.settled || !diff.in_place.empty())) return;
    outcome_.plan.result.deployment_updates.push_back(
        {active_->id, DeploymentStatus::successful, "Deployment completed successfully", {}});
  }

  void note_eligibility() {
    for (const auto& [name, metric] : outcome_.failed_groups) {
      Feasibility& feasible = seating_->placer().feasibility(*job_->find_group(name));
      outcome_.escaped_computed_class = outcome_.escaped_computed_class || feasible.escaped();
      for (const auto& [computed_class, reason] : feasible.by_class()) {
        bool& eligible = outcome_.class_eligibility[computed_class];
        eligible = eligible || reason.empty();
      }
    }
  }

  const state::Tables& tables_;
  const model::Evaluation& eval_;
  base::Instant now_;
  IdSource ids_;
  state::Ref<model::Job> job_;
  std::vector<AllocRef> allocs_;
  state::Ref<model::Deployment> active_, rollout_;  // rollout_: this version's, also when it ended
  bool halted_ = false, finished_ = false;
  std::optional<Seating> seating_;
  Outcome outcome_;
};

}  // namespace

model::Allocation new_allocation(const model::Evaluation& eval, const state::Ref<model::Job>& job,
                                 const model::TaskGroup& group, int index,
                                 const Placement& placement, IdSource& ids) {
  model::Allocation alloc;
  alloc.id = ids.next<base::AllocId>();
  alloc.eval_id = eval.id;
  alloc.node_id = placement.node->id;
  alloc.node_name = placement.node->name;
  alloc.job = job;
  alloc.group = group.name;
  alloc.index = index;
  alloc.ports = placement.ports;
  alloc.reserved_cores = placement.cores;
  alloc.metrics = placement.metrics;
  return alloc;
}

model::Evaluation follow_up(const model::Evaluation& eval, std::string_view triggered_by,
                            base::Instant when, IdSource& ids) {
  model::Evaluation next;
  next.id = ids.next<base::EvalId>();
  next.ns = eval.ns;
  next.priority = eval.priority;
  next.type = eval.type;
  next.triggered_by = triggered_by;
  next.job_id = eval.job_id;
  next.job_modify_index = eval.job_modify_index;
  next.previous_eval = eval.id;
  next.wait_until = when;
  return next;
}

Outcome schedule_counted(const state::Tables& tables, const model::Evaluation& eval,
                         base::Instant now) {
  return Counted(tables, eval, now).run();
}

}  // namespace caravan::scheduler
