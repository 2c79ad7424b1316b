// SPDX-License-Identifier: Apache-2.0
// Signals by name, as jobs and users write them.
#pragma once

#include <optional>
#include <string>

namespace caravan::client {

/// "SIGHUP", "HUP", "sighup" or "1". Nothing for what is no signal.
std::optional<int> signal_number(std::string name);
/// All that tasks can be sent, comma separated: the attribute `os.signals`.
std::string signal_names();

}  // namespace caravan::client
