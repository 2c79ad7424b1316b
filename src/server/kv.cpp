// SPDX-License-Identifier: Apache-2.0
#include "server/kv.hpp"

#include <fmt/core.h>

#include "state/kv_transaction.hpp"

namespace caravan::server {

using consensus::Priority;

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

io::Task<base::Result<state::Ref<state::KvOutcome>>> Kv::run(
    std::vector<wire::KvOperation> operations) {
  if (state::only_reads(operations)) {
    CO_TRY_VOID(co_await proposals_.barrier());
    const state::Snapshot tables = store_.snapshot();
    state::KvTransaction reading(*tables, tables->index, 0);
    for (const wire::KvOperation& operation : operations)
      reading.run(operation);
    co_return std::make_shared<const state::KvOutcome>(reading.outcome());
  }
  wire::ApplyKv command;
  command.operations = std::move(operations);
  command.wants_outcome = true;
  CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command), Priority::kv));
  const state::Snapshot tables = store_.snapshot();
  const state::Ref<state::KvOutcome>* outcome = tables->kv_outcomes.find(index);
  if (outcome) co_return *outcome;
  co_return base::fail(base::Code::timeout,
                       "the transaction was tried, and what came of it is not known any more: too "
                       "many others came after it");
}

}  // namespace caravan::server
