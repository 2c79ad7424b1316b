// SPDX-License-Identifier: Apache-2.0
// Who may connect to whom: a source, a destination, and allow or deny. They have no table of their
// own: an intention is a source within the configuration entry `service-intentions` of its
// destination, and this is how both are seen as one. Source: Consul's public documentation of
// intentions, 1.9.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "model/config_entry.hpp"

namespace caravan::model {

inline constexpr const char* any_service = "*";
/// Of one destination.
inline constexpr std::size_t intention_sources_max = 1'000;
inline constexpr std::size_t intention_meta_max = 64;
inline constexpr std::size_t intention_text_max = 512;  // a description, or a value of its meta

struct Intention {
  base::Uuid id;  // nil when it came with a configuration entry
  std::string source, destination;
  bool allows = false;
  json::Value permissions;  // of requests, as they were written; null when there are none
  std::string description;
  std::map<std::string, std::string> meta;
  std::string create_time, update_time;  // RFC 3339; "" as the id
  std::uint64_t create_index = 0, modify_index = 0;

  /// Says who may ask for what, instead of allow or deny: nobody here looks into requests, so such
  /// a one allows no connection.
  bool is_about_requests() const { return !permissions.is_null(); }
  bool allows_connection() const { return allows && !is_about_requests(); }
};

/// The higher counts: names before stars, first of the destination, then of the source. 9, 8, 6, 5.
int precedence_of(const std::string& source, const std::string& destination);

/// Those of a destination, the one that counts first in front. Precondition: the entry is of that
/// kind, and was checked.
std::vector<Intention> intentions_of(const ConfigEntry& entry);

/// The entry that says so, and keeps what `before` says besides. Precondition: all have the
/// destination.
ConfigEntry entry_of(const std::string& destination, const std::vector<Intention>& intentions,
                     const ConfigEntry* before);

/// The entry as it is kept: sources in order, with what the first interface knew of them
/// (`Legacy…`) as it was, whatever it says of that itself.
ConfigEntry with_known_sources(const ConfigEntry& entry, const ConfigEntry* before);

}  // namespace caravan::model
