// SPDX-License-Identifier: Apache-2.0
// What the pages about this agent itself need: its registry, and what it says of itself.
#pragma once

#include <functional>

#include "api/consul/pages.hpp"
#include "registry/registry.hpp"

namespace caravan::api::consul {

/// Of a member of the pool, as `agent/members` shows it.
struct PoolMember {
  std::string name, address, datacenter;
  int port = 0;
  int status = 1;  // 1 alive, 2 leaving, 3 left, 4 failed
  bool is_server = false;
};

struct OwnAgent {
  io::World& world;
  registry::Registry& registry;
  std::string datacenter, version, node_id;
  bool is_server = false;
  bool runs_scripts = false;  // that come by the API
  /// Of this region; or, of the wide area, the servers of all.
  std::function<std::vector<PoolMember>(bool wide)> members;
  std::function<json::Object()> stats;       // main lane
  std::function<model::Coordinate()> place;  // where it stands in the network; main lane
  /// Reads its files again. Main lane. Errors: invalid (what was there stays).
  std::function<base::Status()> reload;
  /// Goes for good; returns when the others know. Main lane.
  std::function<io::Task<void>()> leave;
  /// Errors: denied (the secret is no token's, as far as this agent can tell).
  std::function<base::Status(const std::string& secret)> knows_token;
  /// Of those who show none; "" takes it away. Errors: invalid, io (it cannot be kept).
  std::function<io::Task<base::Status>(std::string secret)> set_default_token;
};

}  // namespace caravan::api::consul
