// SPDX-License-Identifier: Apache-2.0
// On the leader of a region that is not the authoritative one: keeps copies of what is one for all
// regions. The copies hold while the authoritative region cannot be reached.
#pragma once

#include <functional>

#include "io/log.hpp"
#include "io/task.hpp"
#include "server/proposals.hpp"
#include "wire/globals.hpp"

namespace caravan::server {

struct ReplicationConfig {
  std::string authority;  // the authoritative region; "" where that is this one
  std::string token;      // a secret of a management token there
  bool has_access_control = false;
  /// Asks a server of the authoritative region.
  std::function<io::Task<base::Result<std::string>>(std::string method, std::string request,
                                                    base::Duration timeout)>
      ask;
};

/// What makes the copies in `here` equal to what is there: what is gone goes first, so that nothing
/// keeps a name or a secret that something new has, and so that what was revoked ends soonest.
/// Nothing about access unless both sides control it. Tokens that have expired are left to those
/// who clean up. Pure.
std::vector<wire::AnyCommand> replication_step(const state::Tables& here, wire::Globals there,
                                               bool has_access_control, base::Instant now);

class Replication {
 public:
  /// References outlive it.
  Replication(io::World& world, state::Store& store, Proposals& proposals, ReplicationConfig config,
              io::Logger log)
      : world_(world),
        store_(store),
        proposals_(proposals),
        config_(std::move(config)),
        log_(std::move(log)) {}

  void start();
  io::Task<void> stop();

 private:
  io::Task<void> run();
  /// Whether all is equal now: what is still used here stays for a while. `digest`: of what was
  /// copied last.
  io::Task<base::Result<bool>> copy(std::string& digest);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  const ReplicationConfig config_;
  io::Logger log_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
