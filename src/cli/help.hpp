// SPDX-License-Identifier: Apache-2.0
// What `-help` and wrong words print.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.hpp"

namespace caravan::cli {

/// All commands; what a lone `nomad` prints.
std::string overview();
/// The commands that begin with `group`, such as "job"; "" when there are none.
std::string group_help(std::string_view group);
std::string command_help(const Command& command);
/// Every flag the command takes, the general ones among them.
std::vector<FlagSpec> flags_of(const Command& command);

}  // namespace caravan::cli
