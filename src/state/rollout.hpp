// SPDX-License-Identifier: Apache-2.0
// How a rollout stands, from its allocations as they are now.
#pragma once

#include "state/tables.hpp"

namespace caravan::state {

/// How many of the group's allocations run and are healthy. The deployment's own count never goes
/// down when one is lost, as users know it; whether a rollout is done hangs on this one.
int healthy_now(const Tables& tables, const model::Deployment& deployment,
                const std::string& group);

}  // namespace caravan::state
