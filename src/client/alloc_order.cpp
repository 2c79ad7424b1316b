// SPDX-License-Identifier: Apache-2.0
// depends_on between tasks: who may start once others are well.
#include "client/alloc_runner.hpp"

namespace caravan::client {
namespace {
using namespace std::chrono_literals;
/// Checks tell nobody when they pass; those that wait for one look this often.
constexpr base::Duration order_look = 500ms;
}  // namespace

/// One that goes on for ever has to run and pass its checks; another has to have done its work.
bool AllocRunner::is_well(const std::string& name) const {
  const auto found = tasks_.find(name);
  if (found == tasks_.end()) return true;  // an update in place took it away
  const TaskRunner& task = *found->second;
  if (!restarts_on_success(*alloc_.job, task.task())) return task.is_done();
  return task.is_running() && checks_.passing_of(name);
}

io::Task<void> AllocRunner::wake_dependents() {
  const auto waits = [](const auto& entry) {
    const TaskRunner& task = *entry.second;
    return !task.task().depends_on.empty() && task.first_started().is_zero() && !task.is_finished();
  };
  while (std::ranges::any_of(tasks_, waits)) {
    co_await host_.world.clock.sleep(order_look);
    changed_.notify();
  }
}

}  // namespace caravan::client
