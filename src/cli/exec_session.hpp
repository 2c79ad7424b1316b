// SPDX-License-Identifier: Apache-2.0
// A command that runs in a task, joined to this program's input and output over a websocket.
#pragma once

#include <string>

#include "cli/client.hpp"

namespace caravan::cli {

struct ExecOptions {
  bool interactive = true;  // send standard input
  bool tty = false;         // a terminal on the other side, raw mode on this one
  std::string escape = "~";
};

/// Runs until the command ends. Returns its exit code. Errors: the agent's, io.
base::Result<int> run_exec(const Client& client, const std::string& path, Params params,
                           const ExecOptions& options);

}  // namespace caravan::cli
