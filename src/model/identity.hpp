// SPDX-License-Identifier: Apache-2.0
// What a task can prove to be, as its job writes it.
#pragma once

#include "model/task.hpp"

namespace caravan::model {

inline constexpr const char* default_identity_name = "default";
/// The cluster's own audience: whoever shows a token to our API shows one for it.
inline constexpr const char* identity_audience = "nomadproject.io";
/// Each costs a signature whenever the task starts, and whenever it is renewed.
inline constexpr std::size_t identities_max = 32;

/// The identity that every task has, as its job writes it or as it is without a word.
WorkloadIdentity default_identity(const Task& task);
/// The one of that name; nothing when the task has none.
std::optional<WorkloadIdentity> find_identity(const Task& task, std::string_view name);
/// Those that the task is to find in its environment or in a file.
std::vector<WorkloadIdentity> delivered_identities(const Task& task);

/// Where its token lies, from the task's folder: "secrets/nomad_token", or what the job says.
std::string identity_path(const WorkloadIdentity& identity);
/// The variable that holds it: "NOMAD_TOKEN", of others "NOMAD_TOKEN_<name>".
std::string identity_variable(const WorkloadIdentity& identity);

}  // namespace caravan::model
