// SPDX-License-Identifier: Apache-2.0
// Which server stands in which slot of its route's backend. The data plane is started with more
// slots than servers, so that servers come and go by commands at its socket; only when a backend
// has no free slot left, or routes change, does it have to read its configuration again. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "ingress/routing_table.hpp"

namespace caravan::ingress {

struct Slot {
  enum class State { free, ready, leaving };
  State state = State::free;
  std::string server;  // its id; of leaving ones, who it was
  std::string address;
  int port = 0;
  int weight = 0;           // 0..100
  base::Duration since{0};  // uptime at which it began to leave
  friend bool operator==(const Slot&, const Slot&) = default;
};

/// By the id of the route.
using Placement = std::map<std::string, std::vector<Slot>, std::less<>>;

/// A placement for a data plane that is about to read it: servers keep the slots that they had in
/// `before`, those that leave are gone.
Placement placement_of(const RoutingTable& table, const Placement& before);

struct ServerChanges {
  Placement placement;                // after the commands
  std::vector<std::string> commands;  // for the socket of the data plane, in order
  bool is_complete = true;            // false: something has no place without a new configuration
  base::Duration next_due{0};         // uptime at which a leaving server is to be let go; 0: none
};

/// What brings the servers of a running data plane, whose routes are those of `now`, nearest to
/// what the table wants. A server that is not wanted any more gets nothing new, and is let go after
/// `drain_time`.
ServerChanges change_servers(const Placement& now, const RoutingTable& table,
                             base::Duration uptime, base::Duration drain_time);

std::string slot_name(std::size_t index);
/// "10.0.0.1:80", "[2001:db8::1]:80"
std::string endpoint_of(const std::string& address, int port);

}  // namespace caravan::ingress
