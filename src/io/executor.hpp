// SPDX-License-Identifier: Apache-2.0
// Who runs what. Each lane is one thread (front: one per core; pool: several that share a queue),
// and owns the state that its tasks touch. The simulated twin runs every lane on one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "io/task_fwd.hpp"

namespace caravan::io {

enum class Lane {
  main,    // raft step, apply, publish, the leader's reconcilers; never blocks, never encodes JSON
  log,     // append and sync of the log
  pool,    // pure heavy work: scheduling, snapshot files
  client,  // allocations and tasks of this node
  front,   // HTTP; answers from the published snapshot
};

class Executor {
 public:
  virtual ~Executor() = default;
  virtual boost::asio::any_io_executor lane(Lane lane) = 0;
  /// How many front threads there are, and the i-th of them.
  virtual std::size_t fronts() const = 0;
  virtual boost::asio::any_io_executor front(std::size_t index) = 0;
};

}  // namespace caravan::io
