// SPDX-License-Identifier: Apache-2.0
// Follows a deployment until it ends. Plain text: a block whenever something has changed.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace caravan::cli {

/// `indent` stands before each line of a block. Exit code 0 when the deployment was successful,
/// else 1. A rollback that the servers began is followed too; the code stays 1.
int monitor_deployment(Context& context, const std::string& id, const std::string& indent);

}  // namespace caravan::cli
