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

/// Of those that bear the same number one keeps the place: of an allocation that came back and
/// those that took its place, the one that its `reconcile` says; of those that are silent, the
/// newest, and none when another has their place. The others leave `sorted`, and are stopped unless
/// they may come back.
void settle_places(Sorted& sorted, GroupDiff& diff);

}  // namespace caravan::scheduler
