// SPDX-License-Identifier: Apache-2.0
// The one binary. Its name, or its first word, says which face it shows: `caravan agent`, a command
// of `caravan` / `nomad`, one of `consul`, or the forwarder of `coredns`. The face of `vault`
// is not built yet and says so.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "agent/run.hpp"
#include "agent/run_ingress.hpp"
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  using namespace caravan;
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string name = std::string(argv[0]).substr(std::string(argv[0]).rfind('/') + 1);
  try {
    const cli::Versions versions{agent::version, agent::nomad_version, agent::consul_version};
    const bool says_consul = !arguments.empty() && arguments[0] == "consul";
    if (name == "consul" || says_consul) {
      if (says_consul) arguments.erase(arguments.begin());
      if (!arguments.empty() && arguments[0] == "agent")
        return agent::run_consul_agent({arguments.begin() + 1, arguments.end()});
      if (!arguments.empty() && arguments[0] == "validate")
        return agent::run_consul_validate({arguments.begin() + 1, arguments.end()});
      return cli::run_consul(arguments, versions);
    }
    const bool says_coredns = !arguments.empty() && arguments[0] == "coredns";
    if (name == "coredns" || says_coredns) {
      if (says_coredns) arguments.erase(arguments.begin());
      return agent::run_forwarder(arguments);
    }
    if (name == "vault") {
      std::fprintf(stderr, "caravan: the face of vault is not built yet\n");
      return 1;
    }
    if (!arguments.empty() && arguments[0] == "agent")
      return agent::run_agent(std::vector<std::string>(arguments.begin() + 1, arguments.end()));
    // With a verb behind it, it is a question to one that runs.
    if (!arguments.empty() && arguments[0] == "ingress" &&
        (arguments.size() == 1 || arguments[1].starts_with('-')))
      return agent::run_ingress(std::vector<std::string>(arguments.begin() + 1, arguments.end()));
    return cli::run(arguments, versions);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "caravan: %s\n", e.what());
    return 1;
  }
}
