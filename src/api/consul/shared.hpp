// SPDX-License-Identifier: Apache-2.0
// Pages of the cluster's own API that the registry's clients know under other addresses and
// parameters: servers, autopilot, snapshots, the agent's log and figures.
#pragma once

#include "api/route.hpp"

namespace caravan::api::consul {

/// `native`: routes of the cluster's own API, from which those that are shared are taken. `node`:
/// this agent's name in the registry.
std::vector<Route> shared_routes(const std::vector<Route>& native, std::string node);

}  // namespace caravan::api::consul
