// SPDX-License-Identifier: Apache-2.0
// What differs between two versions of a job, as text with "+", "-" and "+/-" in front. Pure.
#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"

namespace caravan::cli {

/// Lines of a JobDiff. `verbose`: what is new or gone is shown with all its fields.
std::vector<std::string> diff_lines(const json::Value& job_diff, bool verbose);

}  // namespace caravan::cli
