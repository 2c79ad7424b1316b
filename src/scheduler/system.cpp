// SPDX-License-Identifier: Apache-2.0
#include "scheduler/dependencies.hpp"
#include "scheduler/reconcile.hpp"
#include "scheduler/seating.hpp"
#include "scheduler/service.hpp"
#include "scheduler/tasks_updated.hpp"

namespace caravan::scheduler {
namespace {

using model::ClientStatus;

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
    if (!job_ || job_->stop) {
      for (const Stopping& s : stop_all(tables_, allocs_))
        stop(s);
      return std::move(outcome_);
    }
    std::vector<state::Ref<model::Node>> nodes = candidates(tables_, *job_);
    seating_.emplace(tables_, fleet_, *job_, allocs_, ids_);
    sort_existing();
    for (const model::TaskGroup& group : job_->groups) {
      counts_ = {};
      outcome_.queued[group.name] = 0;
      update(group);
      if (group.count > 0)
        for (const state::Ref<model::Node>& node : nodes)
          fill(group, *node);
      model::DesiredUpdates& updates = outcome_.annotations.desired_updates[group.name];
      counts_.preemptions = updates.preemptions;
      updates = counts_;
    }
    outcome_.quota_limit_reached = seating_->quota_reached();
    return std::move(outcome_);
  }

 private:
  void stop(const Stopping& s) {
    outcome_.plan.result.stopped.push_back(
        {s.alloc->id, s.description, s.client_status, {}, {}, {}});
  }

  bool is_older(const model::Allocation& alloc) const {
    return alloc.job->version < job_->version || alloc.job->create_index < job_->create_index;
  }

  /// Remembers who is served, and ends what must not go on.
  void sort_existing() {
    for (const AllocRef& alloc : allocs_) {
      const model::TaskGroup* group = job_->find_group(alloc->group);
      const bool lost = node_lost(tables_, alloc->node_id);
      if (alloc->client_terminal()) {
        const bool sysbatch = job_->type == model::JobType::sysbatch;
        // A sysbatch copy ran, well or not; it runs again only for a newer job, or when it was
        // ended for the sake of others.
        const bool was_preempted = alloc->desired_status == model::DesiredStatus::evict;
        if (sysbatch && !was_preempted && !is_older(*alloc))
          served_.insert({alloc->group, alloc->node_id});
        continue;
      }
      if (alloc->server_terminal()) {
        if (lost) stop({alloc, alloc->desired_description, ClientStatus::lost});
        continue;
      }
      if (lost) {
        stop({alloc, why::lost, ClientStatus::lost});
      } else if (!group || group->count == 0) {
        stop({alloc, why::not_needed, {}});
      } else if (alloc->desired_transition.migrate.value_or(false)) {
        stop({alloc, why::migrating, {}});
      } else {
        running_.push_back(alloc);
        served_.insert({alloc->group, alloc->node_id});
      }
    }
  }

  void update(const model::TaskGroup& group) {
    const int parallel = group.update ? group.update->max_parallel : 0;
    int room = parallel > 0 ? parallel : static_cast<int>(running_.size());
    bool more = false;
    for (const AllocRef& alloc : running_) {
      if (alloc->group != group.name) continue;
      const state::Ref<model::Node> node = tables_.node(alloc->node_id);
      if (!wants_node(*job_, *node) || !seating_->placer().reason(group, node->id).empty()) {
        stop({alloc, why::not_needed, {}});
        ++counts_.stop;
      } else if (!is_older(*alloc)) {
        ++counts_.ignore;
      } else if (!needs_replacement(*alloc->job, *job_, group.name)) {
        model::Allocation updated = *alloc;
        updated.job = job_;
        updated.eval_id = eval_.id;
        outcome_.plan.result.placed.push_back(std::move(updated));
        ++counts_.in_place;
      } else if (room-- > 0) {
        replace(group, alloc);
      } else {
        more = true;
      }
    }
    if (more)
      outcome_.plan.result.evals.push_back(follow_up(eval_, model::triggered_by::rolling_update,
                                                     now_ + group.update->stagger, ids_));
  }

  void replace(const model::TaskGroup& group, const AllocRef& old) {
    seating_->release(*old);
    std::optional<Placement> placement =
        seating_->place_on(seating_->placer(), group, old->node_id);
    if (!placement) {
      seating_->occupy(*old);
      return fail(group);
    }
    const std::vector<AllocRef> victims = placement->preempted;
    model::Allocation alloc =
        new_allocation(tables_, eval_, job_, group, 0, *std::move(placement), ids_);
    alloc.previous_allocation = old->id;
    preempt(outcome_, alloc, victims);
    seating_->occupy(alloc);
    stop({old, why::updating, {}});
    outcome_.plan.result.placed.push_back(std::move(alloc));
    ++counts_.destructive;
  }

  void fill(const model::TaskGroup& group, const model::Node& node) {
    if (served_.contains({group.name, node.id})) return;
    if (!seating_->placer().reason(group, node.id).empty()) return;  // not meant for this node
    std::optional<Placement> placement = seating_->place_on(seating_->placer(), group, node.id);
    if (!placement) return fail(group);
    const std::vector<AllocRef> victims = placement->preempted;
    model::Allocation alloc =
        new_allocation(tables_, eval_, job_, group, 0, *std::move(placement), ids_);
    preempt(outcome_, alloc, victims);
    seating_->occupy(alloc);
    outcome_.plan.result.placed.push_back(std::move(alloc));
    ++counts_.place;
  }

  void fail(const model::TaskGroup& group) {
    ++outcome_.queued[group.name];
    const auto [entry, first] =
        outcome_.failed_groups.try_emplace(group.name, seating_->placer().metrics());
    if (!first) ++entry->second.coalesced_failures;
    if (!first || !entry->second.quota_exhausted.empty()) return;
    Feasibility& feasible = seating_->placer().feasibility(group);
    for (const auto& [computed_class, will_do] : feasible.by_class()) {
      bool& eligible = outcome_.class_eligibility[computed_class];
      eligible = eligible || will_do;
    }
    outcome_.escaped_computed_class = outcome_.escaped_computed_class || feasible.escaped();
  }

  const state::Tables& tables_;
  Fleet& fleet_;
  const model::Evaluation& eval_;
  base::Instant now_;
  IdSource ids_;
  state::Ref<model::Job> job_;
  std::vector<AllocRef> allocs_, running_;
  std::set<std::pair<std::string, base::NodeId>> served_;
  model::DesiredUpdates counts_;
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
