// SPDX-License-Identifier: Apache-2.0
// What the machine of an agent is like, for those who look for a fault.
#pragma once

#include "json/value.hpp"

namespace caravan::client {

/// `OS`, `Network`, `ResolvConf`, `Hosts`, `Environment`, `Disk` (of `data_dir`). Of the
/// environment every value may be a secret: only a few that never are one are shown, the others as
/// "<redacted>".
json::Object report_host(const std::string& data_dir);

}  // namespace caravan::client
