// SPDX-License-Identifier: Apache-2.0
// The routes as Traefik tells its own, for who reads them from `/api/rawdata`. Pure.
#pragma once

#include "ingress/routing_table.hpp"
#include "ingress/settings.hpp"
#include "json/value.hpp"

namespace caravan::ingress {

/// {"routers": {"web@nomad": …}, "services": {"web@nomad": …}, "tcpRouters": …, "tcpServices": …}:
/// what came of Traefik's labels, named after the router and the door. Fabio's routes are not in
/// it, and middlewares are not shown by themselves.
json::Object rawdata_json(const RoutingTable& table, const Settings& settings);

}  // namespace caravan::ingress
