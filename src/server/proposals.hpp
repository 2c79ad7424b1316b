// SPDX-License-Identifier: Apache-2.0
// The way into the log, from any lane.
#pragma once

#include "consensus/replica.hpp"
#include "io/world.hpp"
#include "state/store.hpp"
#include "wire/command.hpp"

namespace caravan::server {

class Proposals {
 public:
  Proposals(io::World& world, consensus::Replica& replica, const state::Store& store)
      : world_(world), replica_(replica), store_(store) {}

  /// Returns the command's index once it is applied here. Errors: unavailable ("No cluster
  /// leader"), busy, too_large, timeout (the outcome is unknown).
  io::Task<base::Result<std::uint64_t>> propose(
      wire::AnyCommand command, consensus::Priority priority = consensus::Priority::job);
  /// Until the state here is as new as anything that was acknowledged before the call.
  io::Task<base::Status> barrier();
  bool is_leader() const { return replica_.is_leader(); }

 private:
  io::Task<base::Status> may_be_proposed(const wire::AnyCommand& command);

  io::World& world_;
  consensus::Replica& replica_;
  const state::Store& store_;
};

}  // namespace caravan::server
