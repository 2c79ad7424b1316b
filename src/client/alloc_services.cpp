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
constexpr base::Duration share_look = 300ms;  // for what checks have found
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

CatalogShare AllocRunner::wanted_share() const {
  CatalogShare share;
  if (killing_) return share;
  const bool all_up = std::ranges::all_of(tasks_, [](const auto& entry) {
    return !entry.second->task().is_main() || entry.second->is_running();
  });
  const auto add = [&](const std::string& owner, const model::Service& service) {
    if (service.provider == "consul")
      share.services.push_back(catalog_service(alloc_, host_.node, owner, service, host_.region));
  };
  for (const model::Service& service : alloc_.task_group().services)
    if (all_up) add("group-" + alloc_.group, service);
  for (const auto& [name, task] : tasks_)
    for (const model::Service& service : task->task().services)
      if (task->is_running()) add(name, service);
  for (model::CatalogCheck& check : checks_.catalog_checks())
    if (std::ranges::find(share.services, check.service_id, &model::CatalogService::id) !=
        share.services.end())
      share.checks.push_back(std::move(check));
  share.questions = checks_.questions();
  return share;
}

io::Task<void> AllocRunner::keep_share() {
  CatalogShare told;
  while (true) {
    CatalogShare wanted = wanted_share();
    if (host_.set_catalog_share && wanted != told) {
      host_.set_catalog_share(alloc_.id, wanted);
      told = std::move(wanted);
    }
    if (told.services.empty())
      co_await changed_.wait();
    else
      co_await (changed_.wait() || host_.world.clock.sleep(share_look));
  }
}

io::Task<void> AllocRunner::keep_services() {
  std::optional<std::vector<model::ServiceRegistration>> told;
  if (!is_listed_) told.emplace();  // else it is not known what an agent before this one has told
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
    if (!done) {
      co_await (changed_.wait() || host_.world.clock.sleep(services_retry));
      continue;
    }
    told = wanted;
    is_listed_ = !wanted.empty();
    changed_.notify();
  }
}

}  // namespace caravan::client
