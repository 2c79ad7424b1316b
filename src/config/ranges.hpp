// SPDX-License-Identifier: Apache-2.0
// Sets of numbers as people write them: "22,80,8500-8600".
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace caravan::config {

/// Inclusive ranges in the order written. "" is the empty set. Errors: invalid, for what is no
/// number, runs backwards, or passes `highest`.
base::Result<std::vector<std::pair<int, int>>> parse_ranges(std::string_view text, int highest);

}  // namespace caravan::config
