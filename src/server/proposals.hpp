// SPDX-License-Identifier: Apache-2.0
// The way into the log, from any lane.
#pragma once

#include "consensus/replica.hpp"
#include "io/world.hpp"
#include "state/store.hpp"
#include "wire/command.hpp"

namespace caravan::server {

inline constexpr const char* done_before = "this request was carried out already";

/// Whether all servers of the cluster take commands that carry the id of their request.
inline bool knows_requests(const state::Tables& tables) {
  return tables.log_version >= wire::version_of(wire::kind_of<wire::ApplyOnce>());
}

class Proposals {
 public:
  Proposals(io::World& world, consensus::Replica& replica, const state::Store& store)
      : world_(world), replica_(replica), store_(store) {}

  /// Returns the command's index once it is applied here. The first command of a request carries
  /// its id. Errors: unavailable ("No cluster leader"), busy, too_large, timeout (the outcome is
  /// unknown), conflict (`done_before`: under that id another one was applied, and this one not).
  io::Task<base::Result<std::uint64_t>> propose(
      wire::AnyCommand command, consensus::Priority priority = consensus::Priority::job);
  /// The same of a command that does not yet end what its request asks for: it carries no id, and
  /// has to be such that it may be done twice.
  io::Task<base::Result<std::uint64_t>> propose_part(
      wire::AnyCommand command, consensus::Priority priority = consensus::Priority::job);
  /// Until the state here is as new as anything that was acknowledged before the call.
  io::Task<base::Status> barrier();
  bool is_leader() const { return replica_.is_leader(); }

 private:
  io::Task<base::Result<std::uint64_t>> propose_for(base::Uuid request, wire::AnyCommand command,
                                                    consensus::Priority priority);
  io::Task<base::Status> may_be_proposed(const wire::AnyCommand& command);

  io::World& world_;
  consensus::Replica& replica_;
  const state::Store& store_;
};

}  // namespace caravan::server
