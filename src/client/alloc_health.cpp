// SPDX-License-Identifier: Apache-2.0
// What a rollout hears of an allocation, and what its checks want to know of its tasks.
#include <fmt/core.h>

#include "client/alloc_runner.hpp"

namespace caravan::client {
namespace {
using namespace std::chrono_literals;
constexpr base::Duration health_look = 500ms;
}  // namespace

void AllocRunner::decide_health(bool healthy) {
  healthy_ = healthy;
  health_time_ = host_.world.clock.now();
  host_.changed(alloc_.id);
}

io::Task<void> AllocRunner::watch_health() {
  const std::optional<model::UpdateStrategy> update = alloc_.task_group().update;
  if (!update || update->health_check == model::HealthCheck::manual || healthy_) co_return;
  const base::Duration deadline = host_.world.clock.uptime() + update->healthy_deadline;
  std::optional<base::Duration> well_since;
  std::map<std::string, std::uint64_t> restarts;
  while (!over_ && !stops()) {
    const base::Duration now = host_.world.clock.uptime();
    bool well = update->health_check != model::HealthCheck::checks || checks_.all_passing();
    for (const auto& [name, task] : tasks_) {
      const model::Task& t = task->task();
      const bool needed = t.is_main() || t.is_sidecar();
      if (needed && !t.is_poststop()) well = well && task->is_running();
      if (restarts[name] != task->state().restarts) well_since.reset();
      restarts[name] = task->state().restarts;
    }
    if (!well)
      well_since.reset();
    else if (!well_since)
      well_since = now;
    const bool healthy = well_since && now - *well_since >= update->min_healthy_time;
    if (healthy || now >= deadline || failed_task()) {
      decide_health(healthy);
      co_return;
    }
    co_await host_.world.clock.sleep(health_look);
  }
}

std::optional<base::Duration> AllocRunner::running_for(const std::string& name) const {
  std::optional<base::Duration> shortest;
  for (const auto& [task_name, task] : tasks_) {
    if (name.empty() ? !task->task().is_main() : task_name != name) continue;
    if (killing_ || !task->is_running()) return {};
    const base::Duration since = host_.world.clock.now() - task->state().started_at;
    shortest = std::min(shortest.value_or(since), since);
  }
  return shortest;
}

void AllocRunner::restart_unhealthy(const std::string& name, const std::string& reason) {
  for (const auto& [task_name, task] : tasks_)
    if (task->is_running() && (name.empty() || task_name == name)) task->restart(reason, true);
}

io::Task<base::Result<int>> AllocRunner::run_beside(std::string task, driver::ExecSpec what,
                                                    driver::ExecPipe& pipe) {
  const auto found = tasks_.find(task);
  if (found == tasks_.end() || !found->second->is_running())
    co_return base::fail(base::Code::not_found, fmt::format("task \"{}\" is not running", task));
  co_return co_await found->second->exec(std::move(what), pipe);
}

}  // namespace caravan::client
