// SPDX-License-Identifier: Apache-2.0
// A job as `job status` shows it. Pure: answers of the API in, text out.
#pragma once

#include <string>

#include "cli/format.hpp"

namespace caravan::cli {

/// ID, type, priority, status and submit date of each; the namespace too when `with_namespace`.
std::string job_table(const json::Value& jobs, bool with_namespace);
/// The key-value block at the top. `job` is the whole job.
std::string job_basics(const json::Value& job);
/// "Summary" with a row per group.
std::string job_summary(const json::Value& summary);
/// "Children Job Summary" of a periodic or parameterized job.
std::string children_summary(const json::Value& summary, std::string_view title);
std::string parameterized_block(const json::Value& parameterized);
/// "batch/periodic"
std::string job_type(const json::Value& job);
/// "dead (stopped)"
std::string job_status_text(const json::Value& job);

}  // namespace caravan::cli
