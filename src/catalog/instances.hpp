// SPDX-License-Identifier: Apache-2.0
// The registry, read: which instances a service has, and how well they are.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "state/tables.hpp"

namespace caravan::catalog {

using Node = state::Ref<model::CatalogNode>;
using Service = state::Ref<model::CatalogService>;
using Check = state::Ref<model::CatalogCheck>;

/// One instance with all that is said about it: the checks of its node, then its own.
struct Instance {
  Node node;
  Service service;
  std::vector<Check> checks;

  /// The worst of the checks; passing when there is none.
  model::Health health() const;
  bool has_tag(std::string_view tag) const;
  /// Its own address, or its node's.
  const std::string& address() const {
    return service->address.empty() ? node->address : service->address;
  }
};

/// Of the service of that name, in order of node and id; or of the sidecars that stand before it.
/// Names compare without case.
std::vector<Instance> instances(const state::Tables& tables, std::string_view service,
                                bool of_sidecars = false);
/// The same of what stands on one node.
std::vector<Instance> instances_on(const state::Tables& tables, std::string_view node);

Node find_node(const state::Tables& tables, std::string_view name);
/// Of the node itself, and of its services.
std::vector<Check> checks_on(const state::Tables& tables, std::string_view node);
/// Of the instances of a service, without their nodes'.
std::vector<Check> checks_of(const state::Tables& tables, std::string_view service);

/// The names of all services on nodes that are wanted, with the tags that any of their instances
/// has.
std::map<std::string, std::vector<std::string>> service_names(
    const state::Tables& tables, const std::function<bool(const model::CatalogNode&)>& is_wanted);

/// What a blocking query for one service compares: it rises when an instance of it, a check of one,
/// or something about the node of one changes; of a service that is not there, with any service.
std::uint64_t index_of_health(const state::Tables& tables, std::string_view service);

}  // namespace caravan::catalog
