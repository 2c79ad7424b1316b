// SPDX-License-Identifier: Apache-2.0
// Writes to the key-value store. They wait in a queue of their own: a loop of them must not keep
// anything else waiting.
#pragma once

#include "io/task_fwd.hpp"
#include "server/proposals.hpp"
#include "state/txn_outcome.hpp"
#include "state/store.hpp"

namespace caravan::server {

inline constexpr std::size_t kv_operations_max = 128;  // of one transaction

class Kv {
 public:
  Kv(const state::Store& store, Proposals& proposals) : store_(store), proposals_(proposals) {}

  /// Whether it was done; if not, an index or a lock stood in its way. Errors: internal (`invalid
  /// session "…"`, in the words that clients look for), and those of Proposals.
  io::Task<base::Result<bool>> write(wire::KvOperation operation);
  /// All or none of them. `datacenter`: as the outcome is to name it. Errors: timeout (they were
  /// tried, and what came of it is not known any more), and those of Proposals.
  io::Task<base::Result<state::Ref<state::TxnOutcome>>> run(
      std::vector<wire::TxnOperation> operations, std::string datacenter);

 private:
  const state::Store& store_;
  Proposals& proposals_;
};

}  // namespace caravan::server
