// SPDX-License-Identifier: Apache-2.0
// `server.default_scheduler_config` as the configuration that a new cluster begins with. Pure.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "json/value.hpp"
#include "model/scheduler_config.hpp"

namespace caravan::agent {

/// `block`: as the file has it, in the words of files; null is nothing. Errors: invalid, with the
/// key.
base::Result<std::optional<model::SchedulerConfig>> scheduler_defaults(const json::Value& block);

}  // namespace caravan::agent
