// SPDX-License-Identifier: Apache-2.0
// Where jobs live apart from each other: their names are their own in each, and each may say what
// its jobs may use. `default` is always there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/job.hpp"

namespace caravan::model {

inline constexpr const char* namespace_default = "default";

/// What jobs may use. An empty "enabled" list allows everything that is not disabled.
struct NamespaceCapabilities {
  std::vector<std::string> enabled_drivers, disabled_drivers;
  std::vector<std::string> enabled_networks, disabled_networks;
  base::Unknown unknown;
  friend bool operator==(const NamespaceCapabilities&, const NamespaceCapabilities&) = default;
};
template <class V>
void fields(V& v, NamespaceCapabilities& c) {
  v(1, "EnabledTaskDrivers", c.enabled_drivers);
  v(2, "DisabledTaskDrivers", c.disabled_drivers);
  v(3, "EnabledNetworkModes", c.enabled_networks);
  v(4, "DisabledNetworkModes", c.disabled_networks);
  v.unknown(c.unknown);
}

/// Which node pools jobs may ask for; `fallback` is for those that name none.
struct NamespacePools {
  std::string fallback;
  std::vector<std::string> allowed, denied;
  base::Unknown unknown;
  friend bool operator==(const NamespacePools&, const NamespacePools&) = default;
};
template <class V>
void fields(V& v, NamespacePools& p) {
  v(1, "Default", p.fallback);
  v(2, "Allowed", p.allowed);
  v(3, "Denied", p.denied);
  v.unknown(p.unknown);
}

struct Namespace {
  std::string name, description, quota;
  std::optional<NamespaceCapabilities> capabilities;
  std::optional<NamespacePools> pools;
  json::Value vault, consul;
  std::map<std::string, std::string> meta;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const Namespace&, const Namespace&) = default;
};
template <class V>
void fields(V& v, Namespace& n) {
  v(1, "Name", n.name);
  v(2, "Description", n.description);
  v(3, "Quota", n.quota);
  v(4, "Capabilities", n.capabilities);
  v(5, "NodePoolConfiguration", n.pools);
  v(6, "VaultConfiguration", n.vault);
  v(7, "ConsulConfiguration", n.consul);
  v(8, "Meta", n.meta);
  v(9, "CreateIndex", n.create_index);
  v(10, "ModifyIndex", n.modify_index);
  v.unknown(n.unknown);
}

/// The one that is there without anybody having made it.
Namespace default_namespace();

/// What is wrong with it, or not built yet; "" when nothing is.
std::string complaint(const Namespace& space);

/// Why a job may not run in the namespace, one line each.
std::vector<std::string> forbidden(const Namespace& space, const Job& job);

}  // namespace caravan::model
