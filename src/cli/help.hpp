// SPDX-License-Identifier: Apache-2.0
// What `-help` and wrong words print.
#pragma once

#include <string>
#include <string_view>

#include "cli/face.hpp"

namespace caravan::cli {

/// All commands; what a lone `nomad` prints.
std::string overview(const Face& face);
/// The commands that begin with `group`, such as "job"; "" when there are none.
std::string group_help(const Face& face, std::string_view group);
std::string command_help(const Face& face, const Command& command);
/// Every flag the command takes, the general ones among them.
std::vector<FlagSpec> flags_of(const Face& face, const Command& command);

}  // namespace caravan::cli
