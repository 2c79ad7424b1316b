// SPDX-License-Identifier: Apache-2.0
// Allocations of nodes that nobody hears from, and what becomes of them and of their replacements
// when the node comes back. Pure.
#pragma once

#include "scheduler/sorted.hpp"

namespace caravan::scheduler {

/// What to think of an allocation, by its node and by its own version's `disconnect` block.
struct Silence {
  enum class Kind {
    heard,      // the node is there
    begins,     // it becomes unknown, until `until`
    unknown,    // it is, until `until`
    ends_soon,  // the node will have stopped it by `until`; nothing is to be placed before
    lost,
  };
  Kind kind = Kind::heard;
  base::Instant until;
};
Silence silence_of(const state::Tables& tables, const model::Allocation& alloc, base::Instant now);

/// One that runs, or whose node will be heard of, in the place of this one; null when none does.
AllocRef replacement_of(const state::Tables& tables, const model::Allocation& alloc);

/// Of each pair of an allocation that came back and the one that took its place, the one that its
/// `reconcile` says leaves `sorted.running` and is stopped.
void settle_returned(const GroupQuestion& question, Sorted& sorted, GroupDiff& diff);

}  // namespace caravan::scheduler
