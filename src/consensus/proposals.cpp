// SPDX-License-Identifier: Apache-2.0
#include "consensus/proposals.hpp"

#include <fmt/core.h>

namespace caravan::consensus {

namespace {
constexpr std::array<int, priorities> weights{8, 4, 1};
}  // namespace

std::string_view priority_name(Priority priority) {
  constexpr std::array<std::string_view, priorities> names{"control", "job", "kv"};
  return names[static_cast<std::size_t>(priority)];
}

base::Status ProposalQueues::push(Priority priority, QueuedCommand command) {
  const auto which = static_cast<std::size_t>(priority);
  const std::size_t size = command.command.size();
  if (size > limits_.command_bytes_max)
    return base::fail(base::Code::too_large, fmt::format("command: {} bytes are above {}", size,
                                                         limits_.command_bytes_max));
  Queue& queue = queues_[which];
  if (queue.bytes + size > limits_.waiting_bytes_max[which])
    return base::fail(
        base::Code::busy,
        fmt::format("too many {} writes are waiting: {} bytes are above {}",
                    priority_name(priority), queue.bytes + size, limits_.waiting_bytes_max[which]));
  queue.bytes += size;
  queue.commands.push_back(std::move(command));
  return {};
}

// Smooth weighted round robin: each waiting queue earns its weight, the richest pays for all.
std::optional<QueuedCommand> ProposalQueues::pop() {
  Queue* best = nullptr;
  int paid = 0;
  for (std::size_t i = 0; i < priorities; ++i) {
    Queue& queue = queues_[i];
    if (queue.commands.empty()) {
      queue.credit = 0;
      continue;
    }
    queue.credit += weights[i];
    paid += weights[i];
    if (best == nullptr || queue.credit > best->credit) best = &queue;
  }
  if (best == nullptr) return std::nullopt;
  best->credit -= paid;
  QueuedCommand command = std::move(best->commands.front());
  best->commands.pop_front();
  best->bytes -= command.command.size();
  return command;
}

bool ProposalQueues::empty() const {
  for (const Queue& queue : queues_)
    if (!queue.commands.empty()) return false;
  return true;
}

std::size_t ProposalQueues::waiting_bytes(Priority priority) const {
  return queues_[static_cast<std::size_t>(priority)].bytes;
}

}  // namespace caravan::consensus
