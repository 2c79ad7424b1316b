// SPDX-License-Identifier: Apache-2.0
// A group's allocations by what is to become of them: the first step of reconciling.
#pragma once

#include <set>

#include "scheduler/reconcile.hpp"

namespace caravan::scheduler {

struct Sorted {
  std::vector<AllocRef> running;     // wanted, and where they should be
  std::vector<AllocRef> migrate;     // asked to move
  std::vector<AllocRef> lost;        // their node is gone
  std::vector<AllocRef> unknown;     // their node may come back
  std::vector<AllocRef> failed_now;  // to be replaced now
  std::vector<Later> failed_later;
  std::vector<AllocRef> spent;  // ended, and keep their place: done, or out of attempts

  std::size_t places() const {
    return running.size() + migrate.size() + lost.size() + unknown.size() + failed_now.size() +
           failed_later.size() + spent.size();
  }
};

/// Stops that are due whatever else is decided (of nodes that are gone) go to `diff`.
Sorted sort_allocs(const GroupQuestion& question, const std::vector<AllocRef>& allocs,
                   GroupDiff& diff);

/// An allocation of an older job version, or of an earlier job of the same name.
bool is_older(const GroupQuestion& question, const model::Allocation& alloc);

/// The numbers in the names of all of them.
std::set<int> used_numbers(const Sorted& sorted);

}  // namespace caravan::scheduler
