// SPDX-License-Identifier: Apache-2.0
// Before the tasks of an allocation are told to end, its services go, and whoever follows them is
// given time to hear of it: a stop costs nobody a request, also where nobody thought of
// `shutdown_delay`.
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "client/alloc_runner.hpp"

namespace caravan::client {
namespace {
using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
/// For the servers to take the services away. Without a server the tasks end all the same.
constexpr base::Duration unlisting_max = 1s;
/// For those who follow the services. The ingress has heard of it after a tenth of a second.
constexpr base::Duration hearing = 200ms;

bool offers_services(const model::TaskGroup& group) {
  return !group.services.empty() ||
         std::ranges::any_of(group.tasks, [](const auto& task) { return !task.services.empty(); });
}
}  // namespace

/// Whether others may be using what it does.
bool AllocRunner::is_somebodys() const {
  const bool runs = std::ranges::any_of(tasks_, [](const auto& entry) {
    return entry.second->task().is_main() && entry.second->is_running();
  });
  const model::TaskGroup& group = alloc_.task_group();
  return runs && (group.shutdown_delay > 0s || offers_services(group));
}

io::Task<void> AllocRunner::take_leave(std::optional<model::TaskEvent> why) {
  io::Clock& clock = host_.world.clock;
  const auto hurries = [this] {
    return alloc_.desired_transition.no_shutdown_delay.value_or(false) || !is_somebodys();
  };
  const base::Duration begun = clock.uptime();
  while (is_listed_ && !hurries() && clock.uptime() < begun + unlisting_max)
    co_await (changed_.wait() || clock.sleep(begun + unlisting_max - clock.uptime()));
  const model::TaskGroup& group = alloc_.task_group();
  const base::Duration delay =
      std::max(group.shutdown_delay, offers_services(group) ? hearing : 0ms);
  const base::Duration end = clock.uptime() + delay;
  while (!hurries() && clock.uptime() < end)
    co_await (changed_.wait() || clock.sleep(end - clock.uptime()));
  leaving_ = false;
  kill_tasks(std::move(why));
  changed_.notify();
}

}  // namespace caravan::client
