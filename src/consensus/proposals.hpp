// SPDX-License-Identifier: Apache-2.0
// Commands that wait for their place in the log. Three queues with byte budgets and weights,
// because one log for everything must not let a loop of KV writes keep a node's death waiting.
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace caravan::consensus {

enum class Priority : std::uint8_t { control, job, kv };
constexpr std::size_t priorities = 3;
std::string_view priority_name(Priority priority);

struct ProposalLimits {
  std::size_t command_bytes_max = 8 << 20;  // of one command
  /// Bytes that may wait, per priority; above it a proposal is refused.
  std::array<std::size_t, priorities> waiting_bytes_max{64 << 20, 32 << 20, 16 << 20};
  /// Bytes proposed and not yet applied. What waits behind it is ordered by weight.
  std::size_t flight_bytes_max = 4 << 20;
  /// Batches proposed and not yet applied.
  std::ptrdiff_t batches_max = 2;
};

struct PendingProposal;  // whoever waits for it

struct QueuedCommand {
  std::string command;
  std::shared_ptr<PendingProposal> proposal;
};

class ProposalQueues {
 public:
  explicit ProposalQueues(const ProposalLimits& limits) : limits_(limits) {}
  /// Errors: too_large (the command), unavailable (the budget: try again later).
  base::Status push(Priority priority, QueuedCommand command);
  /// The next by weight: of 13 commands 8 are control, 4 job and 1 kv, when all are waiting.
  std::optional<QueuedCommand> pop();
  bool empty() const;
  std::size_t waiting_bytes(Priority priority) const;

 private:
  struct Queue {
    std::deque<QueuedCommand> commands;
    std::size_t bytes = 0;
    int credit = 0;
  };
  const ProposalLimits limits_;
  std::array<Queue, priorities> queues_;
};

}  // namespace caravan::consensus
