// SPDX-License-Identifier: Apache-2.0
// What stands in a template's question to the registry: {{ service "tag.name@datacenter~near|any" }},
// {{ key "path@datacenter" }}. Pure.
#pragma once

#include <string>
#include <vector>

namespace caravan::expr {

/// Each part but the name at will.
struct RegistryPlace {
  std::string tag, name, datacenter, near, filter;
};

/// `kind`: the function; a key itself may hold dots and strokes.
RegistryPlace registry_place(const std::string& kind, const std::vector<std::string>& arguments);

/// Whether it is the registry that a function asks.
bool asks_registry(const std::string& kind);

/// Whether an instance of this health ("passing", …) is asked for; "" takes passing ones only.
/// False in `is_known` when the filter names what is no health.
bool wants_health(const std::string& filter, std::string_view health, bool& is_known);

}  // namespace caravan::expr
