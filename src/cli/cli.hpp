// SPDX-License-Identifier: Apache-2.0
// The command line: one file per verb, over HTTP only.
#pragma once

#include <string>
#include <vector>

namespace caravan::cli {

struct Versions {
  std::string own, nomad, consul;
};

/// Runs one command. Returns the exit code.
int run(const std::vector<std::string>& arguments, const Versions& versions);
/// The same with the words that follow `consul`.
int run_consul(const std::vector<std::string>& arguments, const Versions& versions);

}  // namespace caravan::cli
