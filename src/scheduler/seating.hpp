// SPDX-License-Identifier: Apache-2.0
// The placers of one plan: one for each job version that it places, all seeing the same nodes. Most
// plans need one. Only while canaries wait is something old replaced by its like.
#pragma once

#include <deque>

#include "scheduler/placer.hpp"
#include "scheduler/preemption.hpp"

namespace caravan::scheduler {

class Seating {
 public:
  /// `allocs`: all of the job. References outlive it.
  Seating(const state::Tables& tables, Fleet& fleet, const model::Job& job,
          const std::vector<state::Ref<model::Allocation>>& allocs, IdSource& ids);

  /// That version is placed too. Precondition: nothing was released or occupied yet.
  void add(const state::Ref<model::Job>& version);
  /// The placer of a version that was added; null stands for the plan's own.
  Placer& placer(const state::Ref<model::Job>& version = nullptr);

  /// Placer::place, and where that finds nothing, room is made if the job may preempt; then what
  /// ends is released already.
  std::optional<Placement> place(Placer& placer, const model::TaskGroup& group,
                                 const std::vector<base::NodeId>& avoid, std::size_t expected);
  std::optional<Placement> place_on(Placer& placer, const model::TaskGroup& group,
                                    const base::NodeId& node);

  /// The quota that kept something from being placed, "" when none did.
  std::string quota_reached() const { return quota_reached_ ? quota_.name() : ""; }

  /// The plan stops it: its resources are free for what comes next.
  void release(const model::Allocation& alloc);
  /// The plan keeps or places something there that the tables do not have yet.
  void occupy(const model::Allocation& alloc) { occupy(fleet_.row_of(alloc.node_id), alloc); }
  void occupy(Row row, const model::Allocation& alloc);

 private:
  struct Entry {
    Entry(state::Ref<model::Job> version, const Seating& seating, const model::Job& job)
        : version(std::move(version)),
          placer(seating.fleet_, job, seating.allocs_, algorithm_of(seating.tables_, job),
                 seating.ids_) {}
    state::Ref<model::Job> version;
    Placer placer;
  };

  std::optional<Placement> seat(Placer& placer, const model::TaskGroup& group,
                                Preemption::Choice choice);
  void room_changed(Row row);
  bool is_refused(Placer& placer, const model::TaskGroup& group);

  const state::Tables& tables_;
  Fleet& fleet_;
  const std::vector<state::Ref<model::Allocation>>& allocs_;
  IdSource& ids_;
  Fleet::Draft draft_;
  Preemption preemption_;
  QuotaGate quota_;
  bool quota_reached_ = false;
  std::deque<Entry> placers_;  // the plan's own first
};

}  // namespace caravan::scheduler
