// SPDX-License-Identifier: Apache-2.0
// The configuration as an agent shows it to who may ask.
#pragma once

#include "config/agent_config.hpp"
#include "json/value.hpp"

namespace caravan::config {

/// What `agent/self` answers under "config": every key in the names that clients of the field know
/// ("HTTPAPIResponseHeaders"), durations in nanoseconds. What may be a secret (tokens, keys of
/// encryption, free blocks other than those of plugins) is "<redacted>" when it is set.
json::Object show(const AgentConfig& config);

}  // namespace caravan::config
