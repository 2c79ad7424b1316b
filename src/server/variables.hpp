// SPDX-License-Identifier: Apache-2.0
// Variables: sealed before they go into the log, opened for who reads them. And the locks on them:
// the leader counts down their time, which costs no write as long as they are renewed.
#pragma once

#include <map>
#include <memory>

#include "io/log.hpp"
#include "io/task.hpp"
#include "keyring/ring.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

struct VariableWrite {
  model::VariableKey key;
  std::optional<model::VariableItems> items;  // none: they stay as they are
  std::optional<std::uint64_t> expected_index;
  wire::LockStep step = wire::LockStep::none;
  model::VariableLock lock;  // its id: what the writer holds, nil for nothing
};

/// The variable as it is now, and whether something stood in the way of what was asked.
struct VariableReply {
  state::Ref<model::Variable> variable;  // null: there is none
  bool is_conflict = false;
  std::uint64_t index = 0;
  base::Uuid held;  // the lock's id that whoever asked has shown, or got
};

class Variables {
 public:
  Variables(io::World& world, state::Store& store, Proposals& proposals, const keyring::Ring& ring,
            io::Logger log)
      : world_(world), store_(store), proposals_(proposals), ring_(ring), log_(std::move(log)) {}

  void start();
  io::Task<void> stop();

  /// Errors: invalid (path, items, lock), unavailable (no root key yet).
  io::Task<base::Result<VariableReply>> put(VariableWrite write);
  io::Task<base::Result<VariableReply>> remove(model::VariableKey key,
                                               std::optional<std::uint64_t> expected_index,
                                               base::Uuid lock_id);
  /// On the leader: the lock's time begins anew.
  io::Task<base::Result<VariableReply>> renew(model::VariableKey key, base::Uuid lock_id);
  /// Errors: invalid (damaged, or its key is not here).
  base::Result<model::VariableItems> open(const state::Tables& tables,
                                          const model::Variable& variable) const;
  /// The same items under the newest active key. Errors: invalid, unavailable (no root key).
  base::Result<keyring::Box> reseal(const state::Tables& tables,
                                    const model::Variable& variable) const;

 private:
  struct Held {
    base::Uuid id;
    base::Duration until;
  };
  io::Task<base::Result<VariableReply>> propose(wire::AnyCommand command, model::VariableKey key,
                                                base::Uuid held);
  io::Task<void> run();
  io::Task<void> lose_what_is_over();
  static io::Task<bool> renew_there(Variables& self, model::VariableKey key, base::Uuid lock_id,
                                    base::Duration ttl);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  const keyring::Ring& ring_;
  io::Logger log_;
  std::unique_ptr<io::TaskGroup> tasks_;
  std::map<model::VariableKey, Held> held_;  // on the main lane, of the leader
};

}  // namespace caravan::server
