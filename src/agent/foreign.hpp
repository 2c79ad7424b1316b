// SPDX-License-Identifier: Apache-2.0
// The Consul beside this agent that its `consul` block names: what jobs offer is registered there,
// and templates read there, instead of in our own registry.
#pragma once

#include <map>

#include "client/foreign/data.hpp"
#include "client/foreign/services.hpp"
#include "config/agent_config.hpp"
#include "config/endpoints.hpp"
#include "registry/registry.hpp"

namespace caravan::agent {

/// Whether the block names another than our own registry. Pure.
bool names_foreign_consul(const config::AgentConfig& config);

/// Errors: invalid (the address, a certificate), with the key of the configuration.
base::Result<client::ForeignConfig> foreign_config(const config::ConsulConfig& said,
                                                   io::Disk& disk);

/// The agent's own services as that takes them.
std::vector<client::ForeignService> foreign_residents(
    const std::vector<registry::Resident>& residents);

/// All of it, on the client's lane.
class Foreign {
 public:
  /// `self`: what it said of itself, null when it did not answer.
  Foreign(io::World& world, client::ForeignConfig config, const json::Value& self, io::Logger log);
  client::ForeignAgent agent;
  client::ForeignServices services;
  client::ForeignData data;
  const std::map<std::string, std::string> attributes;  // of the node
};

}  // namespace caravan::agent
