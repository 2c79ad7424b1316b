// SPDX-License-Identifier: Apache-2.0
// Whether what a group or a job depends on is healthy. Only what has no allocation yet waits: who
// has started once is replaced and updated whatever becomes of others.
#pragma once

#include <string>
#include <vector>

#include "model/dependencies.hpp"
#include "state/tables.hpp"

namespace caravan::scheduler {

/// All copies that the group wants are there and well: healthy where a rollout says so, running
/// where none does, and successful where it is a batch job's.
bool is_healthy(const state::Tables& tables, const model::Job& job, const model::TaskGroup& group);

/// What the job waits for before anything of it is placed, "job \"db\""; empty when it may start.
std::vector<std::string> waits_for(const state::Tables& tables, const model::Job& job);
/// The same for one group: "group \"db\"".
std::vector<std::string> waits_for(const state::Tables& tables, const model::Job& job,
                                   const model::TaskGroup& group);

/// All that is waited for now, of the job and of its groups, sorted.
std::vector<std::string> all_waits(const state::Tables& tables, const model::Job& job);

/// The way around that the job would close if it were registered; empty when there is none.
std::vector<std::string> job_cycle(const state::Tables& tables, const model::Job& job);

}  // namespace caravan::scheduler
