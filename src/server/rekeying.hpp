// SPDX-License-Identifier: Apache-2.0
// After a full rotation, on the leader: seals anew what the keys before had sealed, until they are
// no longer needed for variables.
#pragma once

#include "server/connect.hpp"
#include "server/variables.hpp"

namespace caravan::server {

class Rekeying {
 public:
  /// References outlive it.
  Rekeying(io::World& world, state::Store& store, Proposals& proposals, const Variables& variables,
           Connect& connect, io::Logger log)
      : world_(world),
        store_(store),
        proposals_(proposals),
        variables_(variables),
        connect_(connect),
        log_(std::move(log)) {}

  void start();
  io::Task<void> stop();

 private:
  io::Task<void> run();
  io::Task<base::Status> step(wire::RootKey key);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  const Variables& variables_;
  Connect& connect_;
  io::Logger log_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
