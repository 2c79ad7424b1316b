// SPDX-License-Identifier: Apache-2.0
#include "model/identity.hpp"

#include <algorithm>

namespace caravan::model {
namespace {

bool is_default(const WorkloadIdentity& identity) { return identity.name == default_identity_name; }

}  // namespace

WorkloadIdentity default_identity(const Task& task) {
  WorkloadIdentity identity = task.identity.value_or(WorkloadIdentity());
  identity.name = default_identity_name;
  identity.audience = {identity_audience};
  return identity;
}

std::optional<WorkloadIdentity> find_identity(const Task& task, std::string_view name) {
  if (name == default_identity_name) return default_identity(task);
  const auto found = std::ranges::find(task.identities, name, &WorkloadIdentity::name);
  if (found == task.identities.end()) return {};
  return *found;
}

std::vector<WorkloadIdentity> delivered_identities(const Task& task) {
  std::vector<WorkloadIdentity> list{default_identity(task)};
  list.insert(list.end(), task.identities.begin(), task.identities.end());
  std::erase_if(list, [](const WorkloadIdentity& i) { return !i.env && !i.file; });
  return list;
}

std::string identity_path(const WorkloadIdentity& identity) {
  if (!identity.filepath.empty()) return identity.filepath;
  if (is_default(identity)) return "secrets/nomad_token";
  return "secrets/nomad_" + identity.name + ".jwt";
}

std::string identity_variable(const WorkloadIdentity& identity) {
  return is_default(identity) ? "NOMAD_TOKEN" : "NOMAD_TOKEN_" + identity.name;
}

}  // namespace caravan::model
