// SPDX-License-Identifier: Apache-2.0
// How load balancers and monitoring find the agents themselves in the registry: servers as `nomad`,
// with an entry for each port, clients as `nomad-client`. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/agent_config.hpp"
#include "config/endpoints.hpp"
#include "registry/registry.hpp"

namespace caravan::agent {

struct OwnParts {
  bool server = false, client = false;
};

/// None where the configuration's `consul` block says so. `node`: this agent's name in the
/// registry.
std::vector<registry::Resident> own_services(const config::AgentConfig& config,
                                             const config::Endpoints& endpoints, OwnParts parts,
                                             const std::string& node);

}  // namespace caravan::agent
