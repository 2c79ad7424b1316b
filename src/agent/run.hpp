// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace caravan::agent {

/// `caravan agent …`: runs until a signal or a failure. Returns the exit code.
int run_agent(const std::vector<std::string>& arguments);
/// `caravan consul agent …`: the same.
int run_consul_agent(const std::vector<std::string>& arguments);
/// `caravan consul validate …`. Returns the exit code.
int run_consul_validate(const std::vector<std::string>& arguments);
/// `caravan coredns …`: relays names until a signal. Returns the exit code.
int run_forwarder(const std::vector<std::string>& arguments);

}  // namespace caravan::agent
