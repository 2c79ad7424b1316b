// SPDX-License-Identifier: Apache-2.0
#include "model/environment.hpp"

namespace caravan::model {

std::map<std::string, std::string> combined_meta(const Job& job, const TaskGroup& group,
                                                 const Task& task) {
  std::map<std::string, std::string> meta = task.meta;
  meta.insert(group.meta.begin(), group.meta.end());
  meta.insert(job.meta.begin(), job.meta.end());
  return meta;
}

bool same_environment(const Job& before, const Job& after, const std::string& group,
                      const std::string& task) {
  const TaskGroup* old_group = before.find_group(group);
  const TaskGroup* new_group = after.find_group(group);
  if (!old_group || !new_group) return false;
  const Task* old_task = old_group->find_task(task);
  const Task* new_task = new_group->find_task(task);
  if (!old_task || !new_task) return false;
  return old_task->env == new_task->env && combined_meta(before, *old_group, *old_task) ==
                                               combined_meta(after, *new_group, *new_task);
}

}  // namespace caravan::model
