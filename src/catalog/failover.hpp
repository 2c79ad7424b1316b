// SPDX-License-Identifier: Apache-2.0
// Where a prepared query that finds nothing here looks next. Source of the meaning: Consul's public
// documentation of prepared queries. Pure; who asks is the servers' business.
#pragma once

#include <string>
#include <vector>

#include "catalog/instances.hpp"

namespace caravan::catalog {

/// What other datacenters had.
struct Fallback {
  std::string datacenter;  // whose they are; "" when none had any
  std::vector<Instance> instances;
  int tries = 0;  // so many datacenters were asked, those that did not answer included
};

/// Whether it looks anywhere else at all.
inline bool wants_failover(const model::QueryService& query) {
  return query.failover.nearest_n > 0 || !query.failover.datacenters.empty();
}

/// The datacenters to ask, in order: as many of the nearest as it wants, then those that it names.
/// None comes twice. `others`: those that are known besides this one, the nearest first; any other
/// name in the query is passed over.
std::vector<std::string> failover_order(const model::QueryFailover& failover,
                                        const std::vector<std::string>& others);

}  // namespace caravan::catalog
