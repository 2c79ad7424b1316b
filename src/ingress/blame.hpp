// SPDX-License-Identifier: Apache-2.0
// Which routes are to blame when HAProxy refuses a configuration, by the lines it names. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "ingress/routing_table.hpp"

namespace caravan::ingress {

/// The ids of routes that the complaints in `output` are about; empty when they are about none.
std::set<std::string> blamed_routes(std::string_view output, std::string_view config,
                                    const RoutingTable& table);

}  // namespace caravan::ingress
