// SPDX-License-Identifier: Apache-2.0
// Allocations as text. Pure.
#pragma once

#include <string>

#include "cli/format.hpp"

namespace caravan::cli {

/// One row each, newest first. `with_group_and_node`: verbose tables add evaluation and node name.
std::string alloc_table(const json::Value& allocs, bool verbose, bool with_node_name,
                        std::int64_t now_ns);

/// The key-value block, with the metrics of its placement when `verbose`.
std::string alloc_basics(const json::Value& alloc, bool verbose, std::int64_t now_ns);
/// The short block and a row per task.
std::string alloc_short(const json::Value& alloc, bool verbose, std::int64_t now_ns);
/// "" when it has no ports.
std::string alloc_addresses(const json::Value& alloc);
/// `Task "x" is "running"` with resources and events, for each task. `stats` may be null.
std::string alloc_tasks(const json::Value& alloc, const json::Value& stats, bool with_stats);
/// "" when nothing was scored.
std::string placement_scores(const json::Value& alloc);

}  // namespace caravan::cli
