// SPDX-License-Identifier: Apache-2.0
#include "scheduler/dependencies.hpp"
#include "scheduler/deployment_step.hpp"
#include "scheduler/reconcile_nodes.hpp"
#include "scheduler/seating.hpp"
#include "scheduler/service.hpp"

namespace caravan::scheduler {
namespace {

/// One evaluation of a system or sysbatch job: a copy of each group on every node that will do.
class Everywhere {
 public:
  Everywhere(const state::Tables& tables, Fleet& fleet, const model::Evaluation& eval,
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
    seating_.emplace(tables_, fleet_, *job_, allocs_, ids_);
    Diffs diffs = reconcile_groups();
    deployments_->begin(diffs, allocs_, ids_);
    deployments_->follow_nodes(diffs);
    for (const auto& [group, diff] : diffs)
      for (const Wanted& wanted : diff.place)
        if (wanted.job) seating_->add(wanted.job);
    stop_removed_groups();
    for (auto& [group, diff] : diffs)
      for (Stopping& s : diff.stop)
        release(std::move(s));
    for (auto& [group, diff] : diffs) {
      update_in_place(*group, diff);
      place(*group, diff);
      plan_silent(outcome_, eval_, diff, ids_);
    }
    deployments_->finish(diffs);
    go_on_later(diffs);
    outcome_.quota_limit_reached = seating_->quota_reached();
    return std::move(outcome_);
  }

 private:
  void stop(Stopping s) {
    outcome_.plan.result.stopped.push_back(
        {s.alloc->id, std::move(s.description), s.client_status, {}, {}, {}});
  }

  /// Its room is there for what this plan places.
  void release(Stopping s) {
    seating_->release(*s.alloc);
    stop(std::move(s));
  }

  void stop_removed_groups() {
    std::vector<AllocRef> removed;
    for (const AllocRef& alloc : allocs_)
      if (!job_->find_group(alloc->group)) removed.push_back(alloc);
    for (Stopping& s : stop_all(tables_, removed))
      release(std::move(s));
  }

  Diffs reconcile_groups() {
    const std::vector<state::Ref<model::Node>> nodes = candidates(tables_, *job_);
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
      Placer& placer = seating_->placer();
      Suitable suitable;
      for (const state::Ref<model::Node>& node : nodes)
        if (placer.reason(group, node->id).empty()) suitable.ready.push_back(node->id);
      suitable.suits = [&](const base::NodeId& id) {
        return wants_node(*job_, *tables_.node(id)) && placer.reason(group, id).empty();
      };
      diffs.emplace_back(&group, reconcile_nodes(question, allocs_, suitable));
      outcome_.annotations.desired_updates[group.name] = diffs.back().second.counts;
      outcome_.queued[group.name] = 0;
    }
    return diffs;
  }

  void update_in_place(const model::TaskGroup& group, const GroupDiff& diff) {
    for (const AllocRef& alloc : diff.in_place) {
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

  void place(const model::TaskGroup& group, const GroupDiff& diff) {
    for (const Wanted& wanted : diff.place) {
      const model::TaskGroup& placed = wanted.job ? *wanted.job->find_group(group.name) : group;
      Placer& placer = seating_->placer(wanted.job);
      if (wanted.replaces) seating_->release(*wanted.previous);
      std::optional<Placement> placement = seating_->place_on(placer, placed, wanted.node);
      if (placement) {
        add_placement(placed, wanted, *std::move(placement));
        continue;
      }
      if (wanted.replaces) seating_->occupy(*wanted.previous);  // it stays until there is room
      fail(placed, placer);
    }
  }

  void add_placement(const model::TaskGroup& group, const Wanted& wanted, Placement placement) {
    const std::vector<AllocRef> victims = placement.preempted;
    model::Allocation alloc = new_allocation(tables_, eval_, wanted.job ? wanted.job : job_, group,
                                             0, std::move(placement), ids_);
    // One of an older version is no part of the rollout.
    if (deployments_->deploys(group) && !wanted.job)
      alloc.deployment_id = deployments_->active()->id;
    if (wanted.canary) alloc.deployment_status.emplace().canary = true;
    if (wanted.replaces) {
      alloc.previous_allocation = wanted.previous->id;
      stop({wanted.previous, why::updating, {}});
    }
    preempt(outcome_, alloc, victims);
    seating_->occupy(alloc);
    outcome_.plan.result.placed.push_back(std::move(alloc));
  }

  void fail(const model::TaskGroup& group, Placer& placer) {
    ++outcome_.queued[group.name];
    const auto [entry, first] = outcome_.failed_groups.try_emplace(group.name, placer.metrics());
    if (!first) ++entry->second.coalesced_failures;
    if (!first || !entry->second.quota_exhausted.empty()) return;
    Feasibility& feasible = placer.feasibility(group);
    for (const auto& [computed_class, will_do] : feasible.by_class()) {
      bool& eligible = outcome_.class_eligibility[computed_class];
      eligible = eligible || will_do;
    }
    outcome_.escaped_computed_class = outcome_.escaped_computed_class || feasible.escaped();
  }

  /// Where no rollout says when the next ones are due (it was over before a node came back), the
  /// update block's stagger does.
  void go_on_later(const Diffs& diffs) {
    if (deployments_->active() || deployments_->halted()) return;
    for (const auto& [group, diff] : diffs) {
      if (!diff.waits) continue;
      outcome_.plan.result.evals.push_back(follow_up(eval_, model::triggered_by::rolling_update,
                                                     now_ + group->update->stagger, ids_));
      return;
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

Outcome schedule_everywhere(const state::Tables& tables, Fleet& fleet,
                            const model::Evaluation& eval, base::Instant now) {
  return Everywhere(tables, fleet, eval, now).run();
}

Outcome schedule(const state::Tables& tables, Fleet& fleet, const model::Evaluation& eval,
                 base::Instant now) {
  fleet.follow(tables);
  const state::Ref<model::Job> job = tables.job(eval.job());
  if (job && !job->stop) {
    Outcome waiting;
    waiting.plan.result.eval_id = eval.id;
    waiting.waits_for = all_waits(tables, *job);
    if (!waits_for(tables, *job).empty()) return waiting;
  }
  const bool everywhere =
      job ? job->type == model::JobType::system || job->type == model::JobType::sysbatch
          : eval.type == "system" || eval.type == "sysbatch";
  return everywhere ? schedule_everywhere(tables, fleet, eval, now)
                    : schedule_counted(tables, fleet, eval, now);
}

Outcome schedule(const state::Tables& tables, const model::Evaluation& eval, base::Instant now) {
  Fleet fleet;
  return schedule(tables, fleet, eval, now);
}

}  // namespace caravan::scheduler
