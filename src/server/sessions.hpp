// SPDX-License-Identifier: Apache-2.0
// Sessions: made, renewed and ended. The leader counts down their time.
#pragma once

#include <memory>

#include "io/log.hpp"
#include "io/task.hpp"
#include "server/proposals.hpp"
#include "server/session_clock.hpp"
#include "state/store.hpp"

namespace caravan::server {

class Sessions {
 public:
  Sessions(io::World& world, const state::Store& store, Proposals& proposals, io::Logger log)
      : world_(world), store_(store), proposals_(proposals), log_(std::move(log)) {}

  void start();
  io::Task<void> stop();

  /// Under an id that is drawn here. Errors: internal (what is wrong with it, in the words that
  /// clients look for), busy (its node has too many), and those of Proposals.
  io::Task<base::Result<base::Uuid>> create(model::Session session);
  /// Also of one that is not there. Errors: those of Proposals.
  io::Task<base::Status> destroy(base::Uuid id);
  /// On the leader: its time begins anew. Null when there is none.
  io::Task<state::Ref<model::Session>> renew(base::Uuid id);

 private:
  io::Task<void> run();
  io::Task<void> end_what_is_over();
  static io::Task<bool> renew_there(Sessions& self, state::Ref<model::Session> session);

  io::World& world_;
  const state::Store& store_;
  Proposals& proposals_;
  io::Logger log_;
  std::unique_ptr<io::TaskGroup> tasks_;
  SessionClock clock_;  // on the main lane, of the leader
};

}  // namespace caravan::server
