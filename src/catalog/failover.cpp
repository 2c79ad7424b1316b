// SPDX-License-Identifier: Apache-2.0
#include "catalog/failover.hpp"

#include <algorithm>

namespace caravan::catalog {

std::vector<std::string> failover_order(const model::QueryFailover& failover,
                                        const std::vector<std::string>& others) {
  const auto nearest = static_cast<std::size_t>(std::max(failover.nearest_n, 0));
  std::vector<std::string> order(others.begin(),
                                 others.begin() + std::min(nearest, others.size()));
  for (const std::string& name : failover.datacenters)
    if (std::ranges::find(others, name) != others.end() &&
        std::ranges::find(order, name) == order.end())
      order.push_back(name);
  return order;
}

}  // namespace caravan::catalog
