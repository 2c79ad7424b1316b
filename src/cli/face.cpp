// SPDX-License-Identifier: Apache-2.0
#include "cli/face.hpp"

#include <algorithm>

namespace caravan::cli {

const Command* Face::find(std::string_view name) const {
  const auto named = [&](const Command& command) {
    return command.name == name || (!command.alias.empty() && command.alias == name);
  };
  const auto found = std::ranges::find_if(commands, named);
  return found == commands.end() ? nullptr : &*found;
}

const Face& native_face() {
  static const Face face = {.program = program_name(),
                            .commands = native_commands(),
                            .general_flags = native_flags(),
                            .settings = native_settings,
                            .common = {{"run", "Run a new job or update an existing job"},
                                       {"stop", "Stop a running job"},
                                       {"status", "Display the status of jobs and other objects"},
                                       {"alloc", "Interact with allocations"},
                                       {"ingress", "Run an ingress, or look at one"},
                                       {"job", "Interact with jobs"},
                                       {"node", "Interact with nodes"},
                                       {"agent", "Run an agent: a server, a client or both"}},
                            .groups = {{"alloc", "Interact with allocations"},
                                       {"config", "Interact with agent configurations"},
                                       {"deployment", "Interact with deployments"},
                                       {"eval", "Interact with evaluations"},
                                       {"job", "Interact with jobs"},
                                       {"node", "Interact with nodes"},
                                       {"operator", "Tools for operators of a cluster"},
                                       {"server", "Interact with servers"},
                                       {"service", "Interact with registered services"},
                                       {"system", "Interact with the system API"}},
                            .shown_aliases = {"exec", "fs", "logs", "init", "inspect", "validate"}};
  return face;
}

}  // namespace caravan::cli
