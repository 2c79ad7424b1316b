// SPDX-License-Identifier: Apache-2.0
// Pages of the cluster's own API that the registry's clients know under other addresses and
// parameters: servers, autopilot, snapshots, the agent's log and figures.
#pragma once

#include "api/query.hpp"
#include "api/route.hpp"
#include "cluster/operations.hpp"
#include "server/registrations.hpp"

namespace caravan::api::consul {

/// `native`: routes of the cluster's own API, from which those that are shared are taken. `node`:
/// this agent's name in the registry.
std::vector<Route> shared_routes(const std::vector<Route>& native, std::string node);
/// Of a server; it has no twin, since there it is servers only that can be dismissed.
std::vector<Route> force_leave_routes(const Readers& readers, cluster::Operations& operations,
                                      server::Registrations& registrations);

}  // namespace caravan::api::consul
