// SPDX-License-Identifier: Apache-2.0
// A template's question to the registry as a request to Consul's API, and its answer in the shape
// that templates know. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::client {

/// `own_node`: that of the agent that is asked, for questions about "the" node.
std::string foreign_path(const std::string& kind, const std::vector<std::string>& arguments,
                         const std::string& own_node);

/// Null when there is none. `body`: of the answer, null for a 404. Errors: invalid (a filter that
/// names no health, a value that is no text).
base::Result<json::Value> foreign_value(const std::string& kind,
                                        const std::vector<std::string>& arguments,
                                        const json::Value& body);

}  // namespace caravan::client
