// SPDX-License-Identifier: Apache-2.0
#include "config/ranges.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::config {

base::Result<std::vector<std::pair<int, int>>> parse_ranges(std::string_view text, int highest) {
  std::vector<std::pair<int, int>> ranges;
  if (base::trim(text).empty()) return ranges;
  for (const std::string& part : base::split(text, ',')) {
    const std::string_view trimmed = base::trim(part);
    const std::size_t dash = trimmed.find('-', 1);
    const auto low = base::parse_int(base::trim(trimmed.substr(0, dash)));
    const auto high = dash == std::string_view::npos
                          ? low
                          : base::parse_int(base::trim(trimmed.substr(dash + 1)));
    if (!low || !high || *low < 0 || *low > *high || *high > highest)
      return base::invalid(fmt::format("\"{}\" is no number or range within 0..{}",
                                       base::printable(trimmed, 60), highest));
    ranges.emplace_back(static_cast<int>(*low), static_cast<int>(*high));
  }
  return ranges;
}

}  // namespace caravan::config
