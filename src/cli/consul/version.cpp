// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/consul/verbs.hpp"

namespace caravan::cli::consul {
namespace {

int run(Context& context) {
  // Scripts look for "Consul v1.2.3" in the answer of a program of that name.
  context.out(
      fmt::format("Consul v{}\nCaravan v{}", context.versions.consul, context.versions.own));
  return 0;
}

}  // namespace

Command version_command() {
  return {.name = "version",
          .synopsis = "Print the version",
          .usage = "",
          .help = "Prints the version of what this program is compatible with, and its own.",
          .takes = "no arguments",
          .uses_api = false,
          .run = run};
}

}  // namespace caravan::cli::consul
