// SPDX-License-Identifier: Apache-2.0
// Whether and when a failed allocation is replaced on another node.
#pragma once

#include <optional>

#include "model/allocation.hpp"

namespace caravan::scheduler {

/// When the replacement may be made; nothing when the policy allows no more. `now` ends the window
/// in which earlier attempts count.
std::optional<base::Instant> reschedule_time(const model::Allocation& alloc,
                                             const model::TaskGroup& group, base::Instant now);

/// The history that the replacement of `failed` carries.
model::RescheduleTracker next_tracker(const model::Allocation& failed,
                                      const model::TaskGroup& group, base::Instant now);

}  // namespace caravan::scheduler
