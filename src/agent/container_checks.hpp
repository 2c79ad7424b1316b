// SPDX-License-Identifier: Apache-2.0
// Checks that run in a container of this machine, by the engine that $DOCKER_HOST names.
#pragma once

#include <map>

#include "io/world.hpp"
#include "registry/asking.hpp"

namespace caravan::agent {

/// Without the variable it is the engine's usual socket. One that is no UNIX socket is told as the
/// outcome of each check. The world outlives what is returned.
registry::RunInContainer container_checks(io::World& world,
                                          const std::map<std::string, std::string>& environment);

}  // namespace caravan::agent
