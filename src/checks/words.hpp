// SPDX-License-Identifier: Apache-2.0
// What is shown of an outcome: to readers of jobs' results, and to clients of the registry. Pure.
#pragma once

#include <string_view>

#include "checks/probe.hpp"

namespace caravan::checks {

/// As `alloc checks` shows it.
std::string job_words(const Outcome& outcome);
/// As the registry shows it. `place`: what was asked, as it was given: "host:port" or a URL.
std::string registry_words(const Probe& probe, std::string_view place, const Outcome& outcome);

}  // namespace caravan::checks
