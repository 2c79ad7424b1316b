// SPDX-License-Identifier: Apache-2.0
#include "model/job.hpp"

namespace caravan::model {

const Task* TaskGroup::find_task(std::string_view task_name) const {
  const auto found = std::ranges::find(tasks, task_name, &Task::name);
  return found == tasks.end() ? nullptr : &*found;
}

const TaskGroup* Job::find_group(std::string_view group_name) const {
  const auto found = std::ranges::find(groups, group_name, &TaskGroup::name);
  return found == groups.end() ? nullptr : &*found;
}

bool same_spec(const Job& a, const Job& b) {
  const auto spec = [](const Job& job) {
    Job copy = job;
    copy.status = JobStatus::pending;
    copy.status_description.clear();
    copy.stable = false;
    copy.version = copy.create_index = copy.modify_index = copy.job_modify_index = 0;
    copy.submit_time_ns = 0;
    copy.version_tag = {};
    return copy;
  };
  return spec(a) == spec(b);
}

}  // namespace caravan::model
