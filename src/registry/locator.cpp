// SPDX-License-Identifier: Apache-2.0
#include "registry/locator.hpp"

#include <algorithm>

#include "wire/binary.hpp"

namespace caravan::registry {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration probe_interval = 5s, probe_timeout = 2s, tell_timeout = 10s;
/// The servers are not told more often, and again after so long: they may have forgotten it.
constexpr base::Duration tell_interval = 15s, tell_again = 600s;
/// So many servers are asked; with each a connection is kept.
constexpr std::size_t landmarks_max = 5;

}  // namespace

Locator::Locator(io::World& world, rpc::Transport& transport, std::string node, Servers landmarks,
                 rpc::Channel& servers, io::Logger log)
    : world_(world),
      node_(std::move(node)),
      landmarks_(std::move(landmarks)),
      servers_(servers),
      log_(std::move(log)),
      connections_(world, transport, world.executor.lane(io::Lane::main)),
      vivaldi_(world.random.below(std::uint64_t{1} << 62)),
      tasks_(world.executor.lane(io::Lane::main)) {}

void Locator::start() { tasks_.spawn(run()); }

io::Task<void> Locator::stop() {
  co_await tasks_.stop();
  co_await connections_.stop();
}

io::Task<void> Locator::run() {
  while (true) {
    co_await probe();
    co_await tell();
    co_await world_.clock.sleep(world_.random.jitter(probe_interval, 0.5));
  }
}

/// The first question may have to wait for a connection; the second one is measured.
io::Task<void> Locator::probe() {
  std::vector<io::Address> all = landmarks_();
  std::ranges::sort(all);
  if (all.size() > landmarks_max) all.resize(landmarks_max);
  if (all.empty()) co_return;
  const rpc::Whom whom(all[turn_++ % all.size()]);
  const auto first = co_await connections_.call(whom, probe_method, "", probe_timeout);
  if (!first) {
    log_.debug("a server does not say where it is", {{"error", first.error().message}});
    co_return;
  }
  const base::Duration begun = world_.clock.uptime();
  const auto second = co_await connections_.call(whom, probe_method, "", probe_timeout);
  const base::Duration took = world_.clock.uptime() - begun;
  if (!second) co_return;
  const base::Result<model::Coordinate> there = wire::decode<model::Coordinate>(*second);
  if (!there) co_return;
  vivaldi_.observe(whom.address.to_string(), *there, static_cast<double>(took.count()) / 1e9);
}

io::Task<void> Locator::tell() {
  const base::Duration now = world_.clock.uptime();
  if (told_ && now - told_at_ < tell_interval) co_return;
  const bool is_news = !told_ || model::has_moved(*told_, place()) || now - told_at_ > tell_again;
  if (!is_news) co_return;
  const model::Coordinate here = place();
  const std::string words = wire::encode(model::NodeCoordinate{node_, here, {}});
  const auto done = co_await servers_.call(place_method, words, tell_timeout);
  if (!done) co_return;  // the next time
  told_ = here;
  told_at_ = now;
}

}  // namespace caravan::registry
