// SPDX-License-Identifier: Apache-2.0
// When every server of the cluster knows a newer version of the log, the leader says so in the log,
// and from there on commands of that version may be proposed.
#pragma once

#include <functional>
#include <memory>

#include "io/log.hpp"
#include "io/task.hpp"
#include "server/proposals.hpp"

namespace caravan::server {

/// The newest version that all servers know, the dead and the learning ones included; main lane.
/// Nothing while one of them has not been heard of.
using KnownByAll = std::function<std::optional<wire::LogVersion>()>;

/// Main lane, on the leader.
class LogUpgrade {
 public:
  /// References outlive it. `own`: what this server knows.
  LogUpgrade(io::World& world, state::Store& store, Proposals& proposals, wire::LogVersion own,
             KnownByAll known, io::Logger log);
  /// Once, before anything else is proposed: a new cluster begins at the version it knows.
  io::Task<void> look();
  /// Looks from time to time, until the cluster knows what this server knows.
  void start();
  io::Task<void> stop();
  /// What those who take part in the log from here on have to know: also a version that was
  /// proposed, and is not in the log yet.
  wire::LogVersion needed() const;

 private:
  io::Task<void> run();

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  const wire::LogVersion own_;
  KnownByAll known_;
  io::Logger log_;
  wire::LogVersion proposed_ = 0;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
