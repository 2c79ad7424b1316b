// SPDX-License-Identifier: Apache-2.0
// The one binary. Its name, or its first word, says which face it shows: `caravan agent`, or a
// command of `caravan` / `nomad`. The faces of `consul` and `vault` are not built yet and say so.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "agent/run.hpp"
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  using namespace caravan;
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string name = std::string(argv[0]).substr(std::string(argv[0]).rfind('/') + 1);
  try {
    if (name == "consul" || name == "vault") {
      std::fprintf(stderr, "caravan: the face of %s is not built yet\n", name.c_str());
      return 1;
    }
    if (!arguments.empty() && arguments[0] == "agent")
      return agent::run_agent(std::vector<std::string>(arguments.begin() + 1, arguments.end()));
    return cli::run(arguments, {agent::version, agent::nomad_version});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "caravan: %s\n", e.what());
    return 1;
  }
}
