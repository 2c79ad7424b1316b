// SPDX-License-Identifier: Apache-2.0
// From instances to routes: everybody's tags, joined where they agree, and reported where not.
// Pure, and the same for the same instances in any order.
#pragma once

#include <vector>

#include "ingress/instance.hpp"
#include "ingress/route.hpp"
#include "ingress/settings.hpp"

namespace caravan::ingress {

// What all tags together may ask for; what is beyond is left out and reported, the youngest first.
inline constexpr std::size_t routes_max = 10'000, servers_max = 20'000;
inline constexpr std::size_t names_max = 256;  // that `register=` gives the ingress

struct RoutingTable {
  std::vector<Route> routes;      // rules by priority; then hosts and paths, longest first
  std::vector<Problem> problems;  // sorted, each once
  friend bool operator==(const RoutingTable&, const RoutingTable&) = default;
};

/// Instances that wish for the same source with the same treatment share a route. Where they wish
/// for different treatments, the oldest registration decides for all of that source, and the others
/// are a Problem: who comes later cannot take a route away.
RoutingTable make_routing_table(const std::vector<Instance>& instances, const Settings& settings);

/// Distributes the shares of a route: fixed weights as they are (scaled down when they are more
/// than all), the rest evenly, by their weight in the registry. They add up to 1.
struct Share {
  double fixed = 0;
  int weight = 1;
};
std::vector<double> shares(const std::vector<Share>& wishes);

}  // namespace caravan::ingress
