// SPDX-License-Identifier: Apache-2.0
#include "server/log_upgrade.hpp"

namespace caravan::server {
namespace {

constexpr base::Duration upgrade_look_interval{500'000'000};

}  // namespace

LogUpgrade::LogUpgrade(io::World& world, state::Store& store, Proposals& proposals,
                       wire::LogVersion own, KnownByAll known, io::Logger log)
    : world_(world),
      store_(store),
      proposals_(proposals),
      own_(own),
      known_(std::move(known)),
      log_(std::move(log)) {}

io::Task<void> LogUpgrade::look() {
  const wire::LogVersion now = store_.snapshot()->log_version;
  const wire::LogVersion all = known_ ? std::min(known_().value_or(now), own_) : own_;
  if (all <= now) co_return;
  proposed_ = all;  // from this moment on nobody is let in who does not know it
  const auto raised = co_await proposals_.propose(wire::SetLogVersion{all, {}});
  if (raised)
    log_.info("the log has a newer version", {{"version", std::to_string(all)}});
  else  // somebody else leads, and does it
    log_.debug("cannot raise the log's version", {{"error", raised.error().message}});
}

wire::LogVersion LogUpgrade::needed() const {
  return std::max(proposed_, store_.snapshot()->log_version);
}

void LogUpgrade::start() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> LogUpgrade::stop() {
  if (tasks_) co_await tasks_->stop();
  proposed_ = 0;
}

io::Task<void> LogUpgrade::run() {
  while (store_.snapshot()->log_version < own_) {
    co_await look();
    co_await world_.clock.sleep(upgrade_look_interval);
  }
}

}  // namespace caravan::server
