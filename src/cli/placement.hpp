// SPDX-License-Identifier: Apache-2.0
// Why the scheduler could not place something, in words.
#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"

namespace caravan::cli {

/// Lines such as `* Constraint "x": 1 nodes excluded by filter`, each behind `indent`.
/// `metrics` is one entry of an evaluation's FailedTGAllocs.
std::vector<std::string> placement_lines(const json::Value& metrics, const std::string& indent);

/// The lines of all groups, as the evaluation monitor has them.
std::vector<std::string> failed_placements(const json::Value& failed_groups);

}  // namespace caravan::cli
