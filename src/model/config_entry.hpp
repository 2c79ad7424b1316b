// SPDX-License-Identifier: Apache-2.0
// What is configured for services as a whole, for all agents: one entry of a kind for a name.
// Source of the meaning: Consul's public documentation of configuration entries, 1.8 and 1.9.
#pragma once

#include <string>
#include <utility>

#include "json/value.hpp"
#include "model/field.hpp"

namespace caravan::model {

inline constexpr std::size_t config_entries_max = 16'384;
inline constexpr std::size_t config_entry_bytes_max = 256 * 1024;  // of its body as JSON
inline constexpr std::size_t config_name_max = 256;

/// Their numbers lie in the log: new ones go to the end.
enum class ConfigKind {
  service_defaults,
  proxy_defaults,
  service_router,
  service_splitter,
  service_resolver,
  ingress_gateway,
  terminating_gateway,
  service_intentions
};
constexpr auto enum_names(ConfigKind) {
  return std::array{"service-defaults"sv, "proxy-defaults"sv,      "service-router"sv,
                    "service-splitter"sv, "service-resolver"sv,    "ingress-gateway"sv,
                    "terminating-gateway"sv, "service-intentions"sv};
}

/// The only name that an entry of the kind proxy-defaults may have.
inline constexpr const char* proxy_defaults_name = "global";

using ConfigKey = std::pair<ConfigKind, std::string>;

struct ConfigEntry {
  ConfigKind kind = ConfigKind::service_defaults;
  std::string name;
  json::Value body;  // an object: its members under their public names, checked, without these two
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;

  ConfigKey key() const { return {kind, name}; }
};
template <class V>
void fields(V& v, ConfigEntry& e) {
  v(1, "Kind", e.kind);
  v(2, "Name", e.name);
  v(3, "Body", e.body);
  v(4, "CreateIndex", e.create_index);
  v(5, "ModifyIndex", e.modify_index);
  v.unknown(e.unknown);
}

}  // namespace caravan::model
