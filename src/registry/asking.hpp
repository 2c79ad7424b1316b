// SPDX-License-Identifier: Apache-2.0
// How a check of this agent is asked: its definition turned into a question, and what came of it
// into a health with words.
#pragma once

#include <functional>

#include "checks/script.hpp"
#include "http/message.hpp"
#include "io/datagrams.hpp"
#include "registry/check_definition.hpp"

namespace caravan::registry {

struct ContainerCommand {
  std::string container;
  std::vector<std::string> command;
  base::Duration timeout{0};
  std::size_t output_max = 0;
};
/// Runs a command in a container of this machine; always ends, at the latest with the timeout.
using RunInContainer = std::function<io::Task<checks::ScriptOutcome>(ContainerCommand)>;

struct Found {
  model::Health health = model::Health::critical;
  std::string words;
};

/// Always ends, at the latest with the check's timeout. Precondition: a check that is probed.
io::Task<Found> find_out(io::World& world, io::Datagrams& datagrams,
                         const RunInContainer& run_in_container, CheckDefinition definition);

/// Without what a service was trusted with: it is not for whoever it sends us to.
http::Headers without_secrets(const http::Headers& headers);

/// What runs in the container of a docker check.
std::vector<std::string> command_of(const CheckDefinition& definition);

}  // namespace caravan::registry
