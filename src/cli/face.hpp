// SPDX-License-Identifier: Apache-2.0
// One of the command lines that this binary has: whose verbs, flags and variables it takes. What
// the frame does with them is the same for all.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"

namespace caravan::cli {

using HelpLines = std::vector<std::pair<std::string, std::string>>;

struct Face {
  std::string program;  // as messages and help name it
  const std::vector<Command>& commands;
  /// The flags that every command which talks to an agent takes, and what they and the environment
  /// say.
  const std::vector<FlagSpec>& general_flags;
  Settings (*settings)(const Flags& flags);
  /// What the overview shows first: commands and groups with their synopses. None: one list.
  HelpLines common;
  std::map<std::string, std::string> groups;
  std::vector<std::string> shown_aliases;

  /// The command of this name or alias, or null.
  const Command* find(std::string_view name) const;
};

/// The cluster's own, with Nomad's verbs.
const Face& native_face();
/// The registry's, with Consul's verbs.
const Face& consul_face();

}  // namespace caravan::cli
