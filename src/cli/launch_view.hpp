// SPDX-License-Identifier: Apache-2.0
// When a periodic job is launched next, as several commands tell it.
#pragma once

#include <string>

#include "base/time.hpp"
#include "json/value.hpp"

namespace caravan::cli {

/// "2027-01-01T03:00:00Z (996h46m57s from now)"; why there is none otherwise. `periodic` is the
/// block of a job.
std::string next_launch_text(const json::Value& periodic, base::Instant now);

}  // namespace caravan::cli
