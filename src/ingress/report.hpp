// SPDX-License-Identifier: Apache-2.0
// The routes as people and programs read them: fabio's list, a table of text, a page. Pure.
#pragma once

#include <string>
#include <vector>

#include "ingress/routing_table.hpp"
#include "json/value.hpp"

namespace caravan::ingress {

/// A row for each server of each route, in the shape of fabio's `/api/routes`.
json::Array routes_json(const RoutingTable& table);
json::Array problems_json(const std::vector<Problem>& problems);
/// "route add web /web http://10.0.0.1:80/ weight 0.50 opts …", a line each.
std::string routes_text(const RoutingTable& table);
/// A page for people; every text of a tag is escaped.
std::string routes_page(const RoutingTable& table, const std::vector<Problem>& problems);

}  // namespace caravan::ingress
