// SPDX-License-Identifier: Apache-2.0
#include "client/client_status.hpp"

#include <algorithm>

namespace caravan::client {

using model::ClientStatus;
using model::TaskRunState;

ClientStatus client_status(const std::map<std::string, model::TaskState>& states) {
  bool failed = false, running = false, pending = states.empty();
  for (const auto& [name, state] : states) {
    failed = failed || state.failed;
    running = running || state.state == TaskRunState::running;
    pending = pending || state.state == TaskRunState::pending;
  }
  if (failed) return ClientStatus::failed;
  if (running) return ClientStatus::running;
  return pending ? ClientStatus::pending : ClientStatus::complete;
}

std::string client_description(ClientStatus status) {
  switch (status) {
    case ClientStatus::failed:
      return "Failed tasks";
    case ClientStatus::running:
      return "Tasks are running";
    case ClientStatus::pending:
      return "No tasks have started";
    case ClientStatus::complete:
      return "All tasks have completed";
    default:
      return "";
  }
}

}  // namespace caravan::client
