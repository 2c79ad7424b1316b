// SPDX-License-Identifier: Apache-2.0
// Canaries: copies of a new version that run beside the old ones until somebody promotes them. They
// are counted apart, because the group's count does not hold for them.
#pragma once

#include "scheduler/sorted.hpp"

namespace caravan::scheduler {

/// How many canaries the group has to have now; 0 when nothing waits for a promotion. A rollout
/// that failed before its promotion still waits: what is old stays old.
int canaries_wanted(const GroupQuestion& question, const Sorted& plain);

/// Ends canaries of other rollouts, and keeps as many of this one's as diff.canaries says.
void decide_canaries(const GroupQuestion& question, const std::vector<AllocRef>& canaries,
                     const Sorted& plain, GroupDiff& diff);

}  // namespace caravan::scheduler
