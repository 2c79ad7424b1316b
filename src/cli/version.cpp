// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run(Context& context) {
  const Versions& v = context.versions;
  // Scripts look for "Nomad v1.2.3" in the answer of a program of that name.
  if (program_name() == "nomad")
    context.out(fmt::format("Nomad v{}\nCaravan v{}", v.nomad, v.own));
  else
    context.out(fmt::format("Caravan v{} (compatible with Nomad v{})", v.own, v.nomad));
  return 0;
}

}  // namespace

Command version_command() {
  return {.name = "version",
          .synopsis = "Print the version",
          .usage = "",
          .help = "Prints the version of this program and of what it is compatible with.",
          .takes = "no arguments",
          .uses_api = false,
          .run = run};
}

}  // namespace caravan::cli
