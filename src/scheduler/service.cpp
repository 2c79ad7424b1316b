// SPDX-License-Identifier: Apache-2.0
#include "scheduler/service.hpp"

#include <fmt/core.h>

#include "scheduler/dependencies.hpp"
#include "scheduler/deployment_step.hpp"
#include "scheduler/reschedule.hpp"
#include "scheduler/seating.hpp"

namespace caravan::scheduler {
namespace {

/// Follow-ups that come due within this time of each other share an evaluation.
constexpr base::Duration follow_up_batch{5'000'000'000};

/// One evaluation of a service or batch job, step by step.
class Counted {
 public:
  Counted(const state::Tables& tables, Fleet& fleet, const model::Evaluation& eval,
          base::Instant now)
      : tables_(tables),
        fleet_(fleet),
        eval_(eval),
        now_(now),
        ids_(eval.id, tables.index),
        job_(tables.job(eval.job())),
        allocs_(tables.allocs_of_job(eval.job())) {}

  Outcome run() {
    outcome_.plan.result.eval_id = eval_.id;
    outcome_.plan.priority = eval_.priority;
    deployments_.emplace(tables_, eval_, job_.get(), outcome_);
    if (!job_ || job_->stop) {
      for (Stopping& s : stop_all(tables_, allocs_))
        stop(std::move(s));
      return std::move(outcome_);
    }
    outcome_.plan.all_at_once = job_->all_at_once;
    Diffs diffs = reconcile_groups();
    deployments_->begin(diffs, allocs_, ids_);
    begin_seating(diffs);
    stop_removed_groups();
    for (auto& [group, diff] : diffs)
      for (Stopping& s : diff.stop)
        release(std::move(s));
    for (auto& [group, diff] : diffs)
      update_in_place(*group, diff);
    for (auto& [group, diff] : diffs)
      place(*group, diff);
    for (auto& [group, diff] : diffs)
      plan_later(diff);
    for (auto& [group, diff] : diffs)
      plan_silent(outcome_, eval_, diff, ids_);
    deployments_->finish(diffs);
    note_eligibility();
    outcome_.quota_limit_reached = seating_->quota_reached();
    outcome_.waits_for = all_waits(tables_, *job_);
    return std::move(outcome_);
  }

 private:
  void stop(Stopping s) {
    outcome_.plan.result.stopped.push_back(
        {s.alloc->id, std::move(s.description), s.client_status, {}, {}, {}});
  }

  void stop_removed_groups() {
    std::vector<AllocRef> removed;
    for (const AllocRef& alloc : allocs_)
      if (!job_->find_group(alloc->group)) removed.push_back(alloc);
    for (Stopping& s : stop_all(tables_, removed))
      release(std::move(s));
  }

  Diffs reconcile_groups() {
    Diffs diffs;
    for (const model::TaskGroup& group : job_->groups) {
      const GroupQuestion question{tables_,
                                   *job_,
                                   group,
                                   eval_,
                                   now_,
                                   deployments_->active(),
                                   deployments_->halted(),
                                   deployments_->rollout_of(group)};
      diffs.emplace_back(&group, reconcile(question, allocs_));
      outcome_.annotations.desired_updates[group.name] = diffs.back().second.counts;
      outcome_.queued[group.name] = 0;
    }
    return diffs;
  }

  void begin_seating(const Diffs& diffs) {
    seating_.emplace(tables_, fleet_, *job_, allocs_, ids_);
    std::size_t placements = 0;
    for (const auto& [group, diff] : diffs) {
      placements += diff.place.size() + diff.in_place.size();
      for (const Wanted& wanted : diff.place)
        if (wanted.job) seating_->add(wanted.job);
    }
    outcome_.plan.result.placed.reserve(placements);
  }

  /// Its room is there for what this plan places.
  void release(Stopping s) {
    seating_->release(*s.alloc);
    stop(std::move(s));
  }

  /// The node keeps running the tasks; only the job they belong to is a newer one. Where that job
  /// no longer wants the node, the allocation is replaced instead.
  void update_in_place(const model::TaskGroup& group, GroupDiff& diff) {
    for (const AllocRef& alloc : diff.in_place) {
      const state::Ref<model::Node> node = tables_.node(alloc->node_id);
      if (!wants_node(*job_, *node) || !seating_->placer().reason(group, node->id).empty()) {
        diff.place.push_back({alloc->index, alloc, false, true});
        continue;
      }
      model::Allocation updated = *alloc;
      updated.job = job_;
      updated.eval_id = eval_.id;
      if (deployments_->deploys(group)) {
        updated.deployment_id = deployments_->active()->id;
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
    std::size_t to_come = diff.place.size();
    if (!waits_for(tables_, *job_, group).empty()) {
      outcome_.queued[group.name] += static_cast<int>(to_come);
      return;
    }
    for (const Wanted& wanted : diff.place) {
      --to_come;
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
      std::optional<Placement> placement =
          seating_->place(placer, placed, nodes_to_avoid(wanted), to_come + 1);
      if (!placement) {
        if (wanted.replaces && !leaves)
          seating_->occupy(*wanted.previous);  // it stays until there is room
        outcome_.failed_groups[group.name] = placer.metrics();
        ++outcome_.queued[group.name];
        continue;
      }
      add_placement(placed, wanted, *std::move(placement));
    }
  }

  void add_placement(const model::TaskGroup& group, const Wanted& wanted, Placement placement) {
    const Row row = placement.row;
    const std::vector<AllocRef> victims = placement.preempted;
    model::Allocation alloc = new_allocation(tables_, eval_, wanted.job ? wanted.job : job_, group,
                                             wanted.index, std::move(placement), ids_);
    // One of an older version is no part of the rollout.
    if (deployments_->deploys(group) && !wanted.job)
      alloc.deployment_id = deployments_->active()->id;
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
    preempt(outcome_, alloc, victims);
    seating_->occupy(row, alloc);
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
      outcome_.plan.result.stopped.push_back({later.alloc->id, "", {}, current->id, {}, {}});
    }
  }

  void note_eligibility() {
    for (const auto& [name, metric] : outcome_.failed_groups) {
      if (!metric.quota_exhausted.empty()) continue;  // no room on a node would help it
      Feasibility& feasible = seating_->placer().feasibility(*job_->find_group(name));
      outcome_.escaped_computed_class = outcome_.escaped_computed_class || feasible.escaped();
      for (const auto& [computed_class, will_do] : feasible.by_class()) {
        bool& eligible = outcome_.class_eligibility[computed_class];
        eligible = eligible || will_do;
      }
    }
  }

  const state::Tables& tables_;
  Fleet& fleet_;
  const model::Evaluation& eval_;
  base::Instant now_;
  IdSource ids_;
  state::Ref<model::Job> job_;
  std::vector<AllocRef> allocs_;
  std::optional<DeploymentStep> deployments_;
  std::optional<Seating> seating_;
  Outcome outcome_;
};

}  // namespace

model::Allocation new_allocation(const state::Tables& tables, const model::Evaluation& eval,
                                 const state::Ref<model::Job>& job, const model::TaskGroup& group,
                                 int index, Placement placement, IdSource& ids) {
  model::Allocation alloc;
  alloc.id = ids.next<base::AllocId>();
  alloc.eval_id = eval.id;
  alloc.node_id = placement.node->id;
  alloc.node_name = placement.node->name;
  alloc.memory_oversubscription =
      tables.scheduler_config_for(placement.node->node_pool).memory_oversubscription;
  alloc.job = job;
  alloc.group = group.name;
  alloc.index = index;
  alloc.ports = std::move(placement.ports);
  alloc.reserved_cores = std::move(placement.cores);
  alloc.devices = std::move(placement.devices);
  alloc.score = placement.score;
  alloc.metrics = std::move(placement.metrics);
  for (const state::Ref<model::Allocation>& victim : placement.preempted)
    alloc.preempted_allocations.push_back(victim->id);
  return alloc;
}

void preempt(Outcome& outcome, const model::Allocation& alloc,
             const std::vector<state::Ref<model::Allocation>>& victims) {
  if (victims.empty()) return;
  outcome.annotations.desired_updates[alloc.group].preemptions += victims.size();
  for (const state::Ref<model::Allocation>& victim : victims) {
    outcome.plan.result.stopped.push_back(
        {victim->id,
         fmt::format("Preempted by alloc ID {}", alloc.id.to_string()),
         {},
         {},
         alloc.id,
         {}});
    model::PreemptedAlloc& shown = outcome.annotations.preempted.emplace_back();
    shown.id = victim->id;
    shown.name = victim->name();
    shown.ns = victim->job->ns;
    shown.job_id = victim->job->id;
    shown.job_type = model::name_of(victim->job->type);
    shown.group = victim->group;
    shown.node_id = victim->node_id;
    shown.node_name = victim->node_name;
    shown.preempted_by = alloc.id;
  }
}

void plan_silent(Outcome& outcome, const model::Evaluation& eval, GroupDiff& diff, IdSource& ids) {
  std::ranges::sort(diff.silent, {}, [](const Later& l) { return std::pair(l.when, l.alloc->id); });
  std::optional<model::Evaluation> end;
  for (const Later& silent : diff.silent) {
    if (!end || silent.when > end->wait_until + follow_up_batch) {
      end = follow_up(eval, model::triggered_by::max_disconnect_timeout, silent.when, ids);
      outcome.plan.result.evals.push_back(*end);
    }
    outcome.plan.result.stopped.push_back(
        {silent.alloc->id, "", model::ClientStatus::unknown, end->id, {}, {}});
  }
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

Outcome schedule_counted(const state::Tables& tables, Fleet& fleet, const model::Evaluation& eval,
                         base::Instant now) {
  return Counted(tables, fleet, eval, now).run();
}

}  // namespace caravan::scheduler
