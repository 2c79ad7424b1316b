// SPDX-License-Identifier: Apache-2.0
#include "client/foreign/data.hpp"

#include <fmt/core.h>

#include "client/foreign/shapes.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration data_wait = 60s, data_retry = 1s;
/// Of what cannot be waited for.
constexpr base::Duration look_again = 5s;
constexpr base::Duration forgotten_after = 5min;

}  // namespace

ForeignData::ForeignData(io::World& world, ForeignAgent& agent, std::string own_node,
                         io::Logger log)
    : world_(world),
      agent_(agent),
      own_node_(std::move(own_node)),
      log_(std::move(log)),
      changed_(world.executor.lane(io::Lane::client)),
      tasks_(world.executor.lane(io::Lane::client)) {}

const ForeignData::Known& ForeignData::get(const expr::Dependency& dependency) {
  const auto [found, is_new] = watched_.try_emplace(dependency);
  found->second.wanted = world_.clock.uptime();
  if (is_new) tasks_.spawn(watch(dependency));
  return found->second.known;
}

void ForeignData::take(Watched& watched, json::Value value, std::string refusal) {
  Known& known = watched.known;
  if (known.version != 0 && known.value == value && known.refusal == refusal) return;
  known = {std::move(value), std::move(refusal), ++versions_};
  changed_.notify();
}

/// What cannot be asked now leaves what is known.
io::Task<void> ForeignData::watch(expr::Dependency dependency) {
  const std::string base = foreign_path(dependency.kind, dependency.arguments, own_node_);
  std::uint64_t index = 0;
  while (world_.clock.uptime() - watched_.at(dependency).wanted < forgotten_after) {
    std::string path = base;
    if (index > 0) path += fmt::format("index={}&wait={}s", index, data_wait / 1s);
    const auto reply = co_await agent_.ask("GET", std::move(path), {}, data_wait + data_wait / 16);
    Watched& watched = watched_.at(dependency);
    if (!reply && reply.error().code == base::Code::denied)
      take(watched, {}, reply.error().message);
    if (!reply) {
      log_.debug("Consul did not answer", {{"error", reply.error().message}});
      index = 0;
      co_await world_.clock.sleep(world_.random.jitter(data_retry, 0.5));
      continue;
    }
    const json::Value nothing;
    auto value = foreign_value(dependency.kind, dependency.arguments,
                               reply->status == 404 ? nothing : reply->body);
    if (value)
      take(watched, *std::move(value), "");
    else
      take(watched, {}, value.error().message);
    if (reply->index < index || reply->index == 0) co_await world_.clock.sleep(look_again);
    index = reply->index < index ? 0 : reply->index;
  }
  watched_.erase(dependency);
}

}  // namespace caravan::client
