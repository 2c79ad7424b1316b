// SPDX-License-Identifier: Apache-2.0
// What a machine uses, as text, from the answer of /v1/client/stats. Pure.
#pragma once

#include <string>

#include "json/value.hpp"

namespace caravan::cli {

/// Of what the node has.
std::string host_use(const json::Value& node, const json::Value& stats);
/// Processor by processor, the kinds of memory, disk by disk.
std::string host_use_details(const json::Value& stats);

}  // namespace caravan::cli
