// SPDX-License-Identifier: Apache-2.0
// Changes of configuration entries.
#pragma once

#include <optional>

#include "model/config_entry.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// Refused when there is another index than the expected one (0: there is to be none), or too many
/// entries. One that says the same as before keeps its index.
struct PutConfigEntry {
  model::ConfigEntry entry;
  std::optional<std::uint64_t> expected_index;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, PutConfigEntry& c) {
  v(1, "Entry", c.entry);
  v(2, "ExpectedIndex", c.expected_index);
  v.unknown(c.unknown);
}

/// Refused when there is another index than the expected one. What is not there is gone already.
struct DeleteConfigEntry {
  model::ConfigKind kind = model::ConfigKind::service_defaults;
  std::string name;
  std::optional<std::uint64_t> expected_index;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteConfigEntry& c) {
  v(1, "Kind", c.kind);
  v(2, "Name", c.name);
  v(3, "ExpectedIndex", c.expected_index);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
