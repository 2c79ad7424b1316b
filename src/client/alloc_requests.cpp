// SPDX-License-Identifier: Apache-2.0
// What users ask of the tasks of an allocation.
#include <fmt/core.h>

#include "client/alloc_runner.hpp"
#include "client/signals.hpp"

namespace caravan::client {

io::Task<base::Status> AllocRunner::restart_tasks(std::string name, bool all) {
  if (over_) co_return base::invalid("Allocation not running");
  if (!name.empty()) {
    const auto found = tasks_.find(name);
    if (found == tasks_.end())
      co_return base::fail(base::Code::not_found,
                           fmt::format("Could not find task runner for task: {}", name));
    if (!found->second->is_running())
      co_return base::invalid(fmt::format("Task \"{}\" not running", name));
    found->second->restart("User requested task to restart");
    co_return base::Status();
  }
  for (const auto& [task_name, task] : tasks_)
    if (task->is_running() || all) task->restart("User requested all tasks to restart");
  co_return base::Status();
}

/// The servers restart the job: what runs now is started anew. What does not run is on its way up
/// or down anyway, unless all tasks are meant.
void AllocRunner::obey(const model::RestartOrder& order) {
  const auto is_named = [&](const std::string& name) {
    return order.tasks.empty() || std::ranges::find(order.tasks, name) != order.tasks.end();
  };
  for (const auto& [name, task] : tasks_)
    if (is_named(name) && (task->is_running() || order.all_tasks))
      task->restart("The job is being restarted");
}

/// An update in place changed env or meta of these tasks: `update.change_mode` says what that means
/// for those that run. The next start has the new ones in any case.
io::Task<void> AllocRunner::take_environment(std::vector<std::string> names) {
  const std::optional<model::UpdateStrategy> update = alloc_.task_group().update;
  if (!update) co_return;
  const std::optional<int> number = signal_number(update->change_signal);
  for (const std::string& name : names) {
    const auto task = tasks_.find(name);
    if (task == tasks_.end() || !task->second->is_running()) continue;
    if (update->change_mode == "restart") task->second->restart("Env or meta of the task changed");
    if (update->change_mode != "signal" || !number) continue;
    const base::Status told = co_await task->second->signal(*number, "Env or meta changed");
    if (!told)
      host_.log.warn("cannot signal a task", {{"task", name}, {"error", told.error().message}});
  }
}

io::Task<base::Status> AllocRunner::signal_tasks(std::string name, std::string signal) {
  const std::optional<int> number = signal_number(signal);
  if (!number) co_return base::invalid(fmt::format("\"{}\" is not a signal", signal.substr(0, 64)));
  if (!name.empty() && !tasks_.contains(name)) {
    co_return base::fail(base::Code::not_found,
                         fmt::format("Could not find task runner for task: {}", name));
  }
  for (const auto& [task_name, task] : tasks_) {
    if (!name.empty() && task_name != name) continue;
    if (name.empty() && !task->is_running()) continue;
    CO_TRY_VOID(co_await task->signal(*number, "User signaled task"));
  }
  co_return base::Status();
}

base::Status AllocRunner::free_disk() {
  if (!over_) return base::invalid("Allocation is not terminal: stop it first");
  return host_.world.disk.remove(dir_.path());
}

}  // namespace caravan::client
