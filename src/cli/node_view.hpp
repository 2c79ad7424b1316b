// SPDX-License-Identifier: Apache-2.0
// Nodes as text. Pure.
#pragma once

#include <map>
#include <string>

#include "cli/format.hpp"

namespace caravan::cli {

/// One row per node; with `running` (node id to count) a column of running allocations.
std::string node_table(const json::Value& nodes, bool verbose,
                       const std::map<std::string, std::size_t>* running);
/// The key-value block. `uptime` is in seconds, 0 when it is not known.
std::string node_basics(const json::Value& node, bool is_short, bool verbose, std::int64_t uptime);
std::string node_drivers(const json::Value& node);
std::string node_events(const json::Value& node, bool verbose);
/// What its running allocations ask for, of what it has.
/// Every instance with who has it; "" when the node has no devices.
std::string node_devices(const json::Value& node, const json::Value& allocs, bool verbose);
/// What is known of each group of devices.
std::string node_device_attributes(const json::Value& node);
std::string node_allocated(const json::Value& node, const json::Value& allocs);
/// A titled block of sorted keys: attributes, metadata.
std::string node_map(std::string_view title, const json::Value& map);

}  // namespace caravan::cli
