// SPDX-License-Identifier: Apache-2.0
// Evaluations as text. Pure.
#pragma once

#include <string>

#include "cli/format.hpp"

namespace caravan::cli {

/// As `eval list` has them.
std::string eval_table(const json::Value& evals, bool verbose);
/// As `job status -evals` has them, newest first.
std::string job_eval_table(const json::Value& evals, bool verbose);
std::string eval_basics(const json::Value& eval, bool verbose, std::int64_t now_ns);
/// "true", "false" or "N/A - In Progress".
std::string placement_failures(const json::Value& eval);

}  // namespace caravan::cli
