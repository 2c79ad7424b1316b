// SPDX-License-Identifier: Apache-2.0
// Where nodes stand in the network, as they say: collected on the leader, and written into the log
// together, a few times a minute.
#pragma once

#include <map>
#include <memory>

#include "io/log.hpp"
#include "io/task.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

/// Main lane.
class Coordinates {
 public:
  Coordinates(io::World& world, const state::Store& store, Proposals& proposals, io::Logger log)
      : world_(world), store_(store), proposals_(proposals), log_(std::move(log)) {}

  /// Leadership was gained.
  void start();
  io::Task<void> stop();

  /// It is written soon. Errors: invalid (what is wrong with it), not_found (no such node), busy
  /// (too many wait).
  base::Status note(model::NodeCoordinate coordinate);
  /// Answers "Catalog.Coordinate". Errors: as note().
  base::Result<std::string> call(const std::string& request);

 private:
  io::Task<void> run();
  io::Task<void> write();

  io::World& world_;
  const state::Store& store_;
  Proposals& proposals_;
  io::Logger log_;
  std::map<std::string, model::NodeCoordinate> waiting_;  // by node in small letters
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
