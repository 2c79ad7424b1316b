// SPDX-License-Identifier: Apache-2.0
#include "ingress/traefik_value.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::ingress {

std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> parts;
  for (const std::string& part : base::split(text, ','))
    if (const std::string_view one = base::trim(part); !one.empty()) parts.emplace_back(one);
  return parts;
}

base::Result<bool> truth(const std::string& text, std::string_view what) {
  const std::string lower = base::to_lower(text);
  if (lower == "true" || lower == "1") return true;
  if (lower == "false" || lower == "0") return false;
  return base::invalid(
      fmt::format("{}: \"{}\" is neither true nor false", what, base::printable(text, 40)));
}

}  // namespace caravan::ingress
