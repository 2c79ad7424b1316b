// SPDX-License-Identifier: Apache-2.0
// The placers of one plan: one for each job version that it places, all seeing the same nodes. Most
// plans need one. Only while canaries wait is something old replaced by its like.
#pragma once

#include <deque>

#include "scheduler/placer.hpp"

namespace caravan::scheduler {

class Seating {
 public:
  /// References outlive it.
  Seating(const state::Tables& tables, const model::Job& job, IdSource& ids);

  /// That version is placed too. Precondition: nothing was released or occupied yet.
  void add(const state::Ref<model::Job>& version);
  /// The placer of a version that was added; null stands for the plan's own.
  Placer& placer(const state::Ref<model::Job>& version = nullptr);

  void release(const model::Allocation& alloc);
  void occupy(const model::Allocation& alloc);

 private:
  struct Entry {
    Entry(const state::Tables& tables, const model::Job& job, state::Ref<model::Job> version,
          IdSource& ids);
    state::Ref<model::Job> version;
    Placer placer;
  };

  const state::Tables& tables_;
  IdSource& ids_;
  std::deque<Entry> placers_;  // the plan's own first
};

}  // namespace caravan::scheduler
