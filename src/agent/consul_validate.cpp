// SPDX-License-Identifier: Apache-2.0
// `caravan consul validate`: reads files as the agent would, and says what is wrong with them.
#include <cstdio>

#include "agent/consul_options.hpp"
#include "agent/file_services.hpp"
#include "agent/run.hpp"
#include "base/text.hpp"
#include "config/load.hpp"
#include "io/linux/disk.hpp"

namespace caravan::agent {
namespace {

constexpr const char* usage =
    "Usage: caravan consul validate [-quiet] FILE_OR_FOLDER...\n\n"
    "  Reads configuration files as `consul agent` would. Exit code 1: something is wrong.\n\n"
    "    -quiet    nothing is said when all is well\n";

}  // namespace

int run_consul_validate(const std::vector<std::string>& arguments) {
  bool quiet = false;
  std::vector<std::string> as_flags;
  for (const std::string& word : arguments) {
    if (word == "-h" || word == "-help" || word == "--help") {
      std::fputs(usage, stdout);
      return 0;
    }
    if (word == "-quiet" || word == "--quiet") {
      quiet = true;
    } else if (word.starts_with("-")) {
      std::fprintf(stderr, "flag provided but not defined: %s\n%s", word.c_str(), usage);
      return 1;
    } else {
      as_flags.push_back("-config-file");
      as_flags.push_back(word);
    }
  }
  if (as_flags.empty()) {
    std::fputs("Must specify at least one config file or directory\n", stderr);
    return 1;
  }
  io::linux_world::Disk disk;
  std::string wrong;
  const base::Result<Options> options = read_consul_options(as_flags, disk);
  if (!options) {
    wrong = options.error().message;
  } else {
    for (const std::string& line : config::problems(options->config))
      wrong += "\n  * " + line;
    const auto services = file_services(options->config.catalog);
    if (!services) wrong += "\n  * " + services.error().message;
  }
  disk.join();
  if (!wrong.empty()) {
    std::fprintf(stderr, "Config validation failed: %s\n", wrong.c_str());
    return 1;
  }
  if (!quiet) std::puts("Configuration is valid!");
  return 0;
}

}  // namespace caravan::agent
