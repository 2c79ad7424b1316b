// SPDX-License-Identifier: Apache-2.0
// What the agents' command lines have in common: flags of one or two dashes with a value behind `=`
// or in the next word, and folders of configuration files.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "io/disk.hpp"

namespace caravan::agent {

struct Flag {
  std::string value_name;  // "" for a switch
  std::string help;
  std::function<base::Status(const std::string&)> set;
};
using Flags = std::map<std::string, Flag>;

/// Errors: invalid (an unknown flag with the nearest one, a missing value, whatever a flag says).
base::Status parse_flags(const std::vector<std::string>& arguments, const Flags& flags);
/// The path itself, or the *.hcl and *.json files of the folder in order. Errors: invalid.
base::Result<std::vector<std::string>> files_at(const std::string& path, io::Disk& disk);
/// Below what `head` says, every flag with its help.
std::string usage_of(const std::string& head, const Flags& flags);

}  // namespace caravan::agent
