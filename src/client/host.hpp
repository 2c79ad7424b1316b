// SPDX-License-Identifier: Apache-2.0
// What the allocations of a node share: the world, the drivers, the node itself, where things lie
// on disk, and whom to tell. Outlives every allocation.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "client/alloc_network.hpp"
#include "client/artifacts.hpp"
#include "client/devices.hpp"
#include "client/local_state.hpp"
#include "driver/driver.hpp"
#include "io/log.hpp"
#include "io/world.hpp"
#include "model/catalog.hpp"
#include "model/node.hpp"

namespace caravan::client {

/// How a check is asked, for whoever else is to ask it.
struct CheckQuestion {
  json::Object definition;        // as Consul's API takes it
  base::Duration tell_again{0};  // above 0: it is asked here, and its result is told so often
  friend bool operator==(const CheckQuestion&, const CheckQuestion&) = default;
};

/// What an allocation has in the registry.
struct CatalogShare {
  std::vector<model::CatalogService> services;
  std::vector<model::CatalogCheck> checks;
  std::map<std::string, CheckQuestion> questions;  // by the ids of checks
  friend bool operator==(const CatalogShare&, const CatalogShare&) = default;
};
using SetCatalogShare = std::function<void(const base::AllocId&, CatalogShare)>;

class ForeignData;

struct Host {
  io::World& world;
  io::Logger log;
  LocalState& local_state;
  AllocNetworks& networks;
  std::map<std::string, std::unique_ptr<driver::Driver>>& drivers;
  const model::Node& node;
  std::string region;
  std::string alloc_root;                       // <data_dir>/alloc
  base::Duration kill_timeout_max;              // the operator's limit on kill_timeout
  std::map<std::string, std::string> host_env;  // of the agent, filtered
  FetchConfig fetch;
  const Devices& devices;

  std::function<void(const base::AllocId&)> changed;  // an allocation has news for the servers
  /// Whether another allocation of this node has ended (true when it is not known here).
  std::function<bool(const base::AllocId&)> has_ended;
  /// Whether the servers were heard from since the agent started: before, nothing old is started
  /// anew.
  std::function<bool()> in_contact;
  /// Asks the servers.
  std::function<io::Task<base::Result<std::string>>(std::string method, std::string request,
                                                    base::Duration timeout)>
      ask;
  /// Replaces what the catalog has of an allocation.
  std::function<io::Task<base::Status>(wire::SetAllocServices)> set_services;
  SetCatalogShare set_catalog_share;  // nobody: there is no registry in this agent
  ForeignData* foreign_data = nullptr;  // null: templates read our own registry
};

}  // namespace caravan::client
