// SPDX-License-Identifier: Apache-2.0
// `caravan ingress`: an ingress by itself, as a job may run it on every node.
#pragma once

#include <string>
#include <vector>

namespace caravan::agent {

/// From its start to SIGTERM or SIGINT. Returns the exit code.
int run_ingress(const std::vector<std::string>& arguments);

}  // namespace caravan::agent
