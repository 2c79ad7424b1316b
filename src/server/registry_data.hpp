// SPDX-License-Identifier: Apache-2.0
// What templates read of the registry: keys, services, nodes, in the shapes that consul-template
// gives them. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "acl/permissions.hpp"
#include "base/id.hpp"
#include "json/value.hpp"
#include "state/tables.hpp"
#include "wire/task_data.hpp"

namespace caravan::server {

struct TaskFound {
  json::Value value;  // null: there is none
  std::uint64_t index = 0;
};

/// In whose name the registry is read.
struct RegistryReader {
  const acl::Permissions* permissions = nullptr;  // null: access control is off
  base::NodeId node;                              // that runs the task
  std::string datacenter;                         // this one
};

/// Whether it is the registry that a function asks.
bool asks_registry(const std::string& kind);
/// What changes with the answer.
std::vector<std::string> watched_in_registry(const wire::TaskQuestion& question);
/// Errors: denied, invalid, not_found (another datacenter), unsupported.
base::Result<TaskFound> find_in_registry(const state::Tables& tables, const RegistryReader& by,
                                         const wire::TaskQuestion& question);

}  // namespace caravan::server
