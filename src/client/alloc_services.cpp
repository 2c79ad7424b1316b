// SPDX-License-Identifier: Apache-2.0
// The services of an allocation are known to the servers while their tasks run.
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "client/alloc_runner.hpp"
#include "client/services.hpp"

namespace caravan::client {
namespace {
using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
constexpr base::Duration services_retry = 2s;
}  // namespace

std::vector<model::ServiceRegistration> AllocRunner::wanted_services() const {
  std::vector<model::ServiceRegistration> list;
  if (killing_) return list;
  const bool all_up = std::ranges::all_of(tasks_, [](const auto& entry) {
    return !entry.second->task().is_main() || entry.second->is_running();
  });
  for (const model::Service& service : alloc_.task_group().services)
    if (all_up && service.provider == "nomad")
      list.push_back(
          registration(alloc_, host_.node, "group-" + alloc_.group, service, host_.region));
  for (const auto& [name, task] : tasks_)
    for (const model::Service& service : task->task().services)
      if (task->is_running() && service.provider == "nomad")
        list.push_back(registration(alloc_, host_.node, name, service, host_.region));
  return list;
}

io::Task<void> AllocRunner::keep_services() {
  std::vector<model::ServiceRegistration> told;
  while (true) {
    const std::vector<model::ServiceRegistration> wanted = wanted_services();
    if (wanted == told) {
      co_await changed_.wait();
      continue;
    }
    wire::SetAllocServices set;
    set.alloc_id = alloc_.id;
    set.node_id = host_.node.id;
    set.services = wanted;
    const base::Status done = co_await host_.set_services(std::move(set));
    if (done)
      told = wanted;
    else
      co_await (changed_.wait() || host_.world.clock.sleep(services_retry));
  }
}

}  // namespace caravan::client
