// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.hpp"

#include <cstdio>

namespace caravan::cli {

int run(const std::vector<std::string>& arguments, const Versions& versions) {
  if (!arguments.empty() && (arguments[0] == "version" || arguments[0] == "-version" || arguments[0] == "--version")) {
    std::printf("Caravan v%s (compatible with Nomad v%s)\n", versions.own.c_str(), versions.nomad.c_str());
    return 0;
  }
  std::fputs("Usage: caravan <command>\n", stderr);
  return 127;
}

}  // namespace caravan::cli
