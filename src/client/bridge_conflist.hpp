// SPDX-License-Identifier: Apache-2.0
// The plugins that join a group of network mode "bridge" to the node's bridge, as a CNI network
// configuration list. Names and addresses are the peers' (facts 7.10), so that firewalls and people
// who know them find what they expect. Pure.
#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"

namespace caravan::client {

struct BridgeConfig {
  std::string name = "nomad";
  std::string subnet = "172.26.64.0/20";
  bool hairpin_mode = false;  // whether a group reaches its own published ports
};

/// Rules that operators add here are asked before those of any group.
inline constexpr const char* bridge_admin_chain = "NOMAD-ADMIN";

/// What has to be in the plugin path, in the order in which facts 3.5 lists them.
const std::vector<std::string>& bridge_plugins();

json::Value bridge_conflist(const BridgeConfig& config);

}  // namespace caravan::client
