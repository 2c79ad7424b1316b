// SPDX-License-Identifier: Apache-2.0
// Whether a new version of a job changes what a task finds in its environment.
#pragma once

#include "model/job.hpp"

namespace caravan::model {

/// What the task sees as its meta: the group's over the job's, the task's over both.
std::map<std::string, std::string> combined_meta(const Job& job, const TaskGroup& group,
                                                 const Task& task);

/// Whether `env` and meta of the task are the same in both versions of its group.
bool same_environment(const Job& before, const Job& after, const std::string& group,
                      const std::string& task);

}  // namespace caravan::model
