// SPDX-License-Identifier: Apache-2.0
// The longest that a group may run: from the first start of its first task, over restarts of tasks
// and of the agent. Then its tasks end as failures, and nobody starts or places them again.
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "client/alloc_runner.hpp"

namespace caravan::client {

using namespace boost::asio::experimental::awaitable_operators;

/// Nothing while no task has begun, or without a limit. An update in place may change it.
std::optional<base::Instant> AllocRunner::run_ends() const {
  const base::Duration limit = alloc_.task_group().max_run_duration;
  if (limit <= base::Duration(0)) return {};
  std::optional<base::Instant> first;
  for (const auto& [name, task] : tasks_)
    if (const base::Instant began = task->first_started(); !began.is_zero())
      first = std::min(first.value_or(began), began);
  if (!first) return {};
  return *first + limit;
}

/// Returns never: what ends with the allocation is cancelled then.
io::Task<void> AllocRunner::limit_run() {
  while (true) {
    const std::optional<base::Instant> end = run_ends();
    const base::Instant now = host_.world.clock.now();
    if (end && now >= *end && !killing_) {
      killing_ = true;
      for (const auto& [name, task] : tasks_)
        if (!task->task().is_poststop() && !task->is_dead())
          task->kill(event::ran_too_long(alloc_.task_group().max_run_duration), true);
      changed_.notify();
    }
    if (end && !killing_)
      co_await (changed_.wait() || host_.world.clock.sleep(*end - now));
    else
      co_await changed_.wait();
  }
}

}  // namespace caravan::client
