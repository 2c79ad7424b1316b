// SPDX-License-Identifier: Apache-2.0
#include "server/kv.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "state/transaction.hpp"

namespace caravan::server {

namespace {

using consensus::Priority;

/// Of keys alone, one that servers of all versions take.
wire::AnyCommand command_of(std::vector<wire::TxnOperation> operations, std::string datacenter) {
  const bool of_keys = std::ranges::all_of(
      operations, [](const wire::TxnOperation& operation) { return operation.kv.has_value(); });
  if (!of_keys) return wire::ApplyTxn{std::move(operations), std::move(datacenter), {}};
  wire::ApplyKv command;
  command.wants_outcome = true;
  for (wire::TxnOperation& operation : operations)
    command.operations.push_back(*std::move(operation.kv));
  return command;
}

}  // namespace

io::Task<base::Result<bool>> Kv::write(wire::KvOperation operation) {
  const bool locks = operation.verb == wire::KvVerb::lock;
  const base::Uuid session = operation.session;
  wire::ApplyKv command;
  command.operations.push_back(std::move(operation));
  CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command), Priority::kv));
  const state::Snapshot tables = store_.snapshot();
  if (!tables->was_refused(index)) co_return true;
  if (locks && !tables->session(session))
    co_return base::fail(base::Code::internal,
                         fmt::format("invalid session \"{}\"", session.to_string()));
  co_return false;
}

io::Task<base::Result<state::Ref<state::TxnOutcome>>> Kv::run(
    std::vector<wire::TxnOperation> operations, std::string datacenter) {
  if (state::only_reads(operations)) {
    CO_TRY_VOID(co_await proposals_.barrier());
    const state::Snapshot tables = store_.snapshot();
    state::TxnOutcome outcome = state::tried(*tables, tables->index, 0, operations);
    outcome.datacenter = std::move(datacenter);
    co_return std::make_shared<const state::TxnOutcome>(std::move(outcome));
  }
  wire::AnyCommand command = command_of(std::move(operations), std::move(datacenter));
  CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command), Priority::kv));
  const state::Snapshot tables = store_.snapshot();
  const state::Ref<state::TxnOutcome>* outcome = tables->kv_outcomes.find(index);
  if (outcome) co_return *outcome;
  co_return base::fail(base::Code::timeout,
                       "the transaction was tried, and what came of it is not known any more: too "
                       "many others came after it");
}

}  // namespace caravan::server
