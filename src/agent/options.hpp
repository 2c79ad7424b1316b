// SPDX-License-Identifier: Apache-2.0
// `caravan agent`: its flags and its files become one configuration.
#pragma once

#include <string>
#include <vector>

#include "config/agent_config.hpp"
#include "io/disk.hpp"

namespace caravan::agent {

/// Where -dev says what it says, as files have a name and a line.
inline constexpr const char* dev_place = "-dev";

struct Options {
  bool dev = false;
  config::AgentConfig config;
  std::vector<std::string> files;           // that were read, in order
  std::vector<std::string> without_effect;  // keys of another form that mean nothing here
};

/// Reads flags and every file and folder they name. Errors: invalid, with all that is wrong, ready
/// to be printed.
base::Result<Options> read_options(const std::vector<std::string>& arguments, io::Disk& disk);

std::string agent_usage();

}  // namespace caravan::agent
