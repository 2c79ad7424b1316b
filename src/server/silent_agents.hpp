// SPDX-License-Identifier: Apache-2.0
// Agents of the registry that fell silent and did not come back: after a long while what they left
// behind goes. Source of the times: Consul's public documentation of `reconnect_timeout`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/registrations.hpp"

namespace caravan::server {

/// Since when an agent has been silent stands in the definition of the check that says so, which is
/// asked of nobody and so has no other one: any leader finds it there. Clients are not shown it.
json::Value silent_since(base::Instant now);
/// Nothing where it is not known: older versions did not say it.
std::optional<base::Instant> silent_since(const model::CatalogCheck& check);

/// Nodes whose agents have been silent for longer than `kept`, the first `most` of them. One of
/// which it is not known since when is not among them.
std::vector<std::string> overdue_agents(const state::Tables& tables, base::Instant now,
                                        base::Duration kept, std::size_t most);

/// Takes them away, while this server leads. Main lane.
class SilentAgents {
 public:
  /// References outlive it.
  SilentAgents(io::World& world, const state::Store& store, Registrations& registrations,
               std::function<bool()> leads, base::Duration kept, io::Logger log);
  void start();
  io::Task<void> stop();

 private:
  io::Task<void> run();
  io::Task<void> remove_overdue(base::Instant now);

  io::World& world_;
  const state::Store& store_;
  Registrations& registrations_;
  const std::function<bool()> leads_;
  const base::Duration kept_;
  io::Logger log_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
