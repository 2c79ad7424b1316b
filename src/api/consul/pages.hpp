// SPDX-License-Identifier: Apache-2.0
// Consul's HTTP API, one file per page of its public documentation. Each function gives the rows of
// that page's routes; what it takes is all that the page can touch.
#pragma once

#include "api/query.hpp"

namespace caravan::api::consul {

/// How its clients are talked to.
Face face(std::string datacenter);

/// Who of the servers a client may be told about, as "address:port"; "" and none when unknown.
struct Peers {
  std::function<std::string()> leader;
  std::function<std::vector<std::string>()> all;
};
std::vector<Route> status_routes(Peers peers);

}  // namespace caravan::api::consul
