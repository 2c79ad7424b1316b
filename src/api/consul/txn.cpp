// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>

#include "api/consul/kv_shapes.hpp"
#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"
#include "api/consul/txn_access.hpp"
#include "api/consul/txn_operations.hpp"
#include "state/transaction.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;
using Shown = state::TxnOutcome::Shown;

json::Object shown_json(const Shown& shown, const std::string& datacenter) {
  if (shown.node) return {{"Node", node_json(*shown.node, datacenter)}};
  if (shown.service) return {{"Service", service_json(*shown.service)}};
  if (shown.check) return {{"Check", check_json(*shown.check)}};
  return {{"KV", entry_json(*shown.entry, shown.with_value)}};
}

json::Value results_json(const acl::Authorized& caller, const state::TxnOutcome& outcome) {
  if (!outcome.failures.empty()) return nullptr;
  json::Array results;
  for (const Shown& shown : outcome.shown) {
    const bool is_read = shown.entry && shown.with_value;
    if (!is_read || caller.may(Capability::key_read, shown.entry->key))
      results.emplace_back(shown_json(shown, outcome.datacenter));
  }
  return results;
}

json::Value errors_json(const state::TxnOutcome& outcome) {
  if (outcome.failures.empty()) return nullptr;
  json::Array errors;
  for (const state::TxnOutcome::Failure& failure : outcome.failures)
    errors.emplace_back(
        json::Object{{"OpIndex", std::uint64_t{failure.operation}}, {"What", failure.what}});
  return errors;
}

json::Object body_of(const acl::Authorized& caller, const state::TxnOutcome& outcome) {
  return {{"Results", results_json(caller, outcome)}, {"Errors", errors_json(outcome)}};
}

int status_of(const state::TxnOutcome& outcome) { return outcome.failures.empty() ? 200 : 409; }

class TxnPage {
 public:
  TxnPage(const state::Store& store, server::Kv& kv, std::string datacenter)
      : store_(store), kv_(kv), datacenter_(std::move(datacenter)) {}

  Task<Result> run(Call& call) {
    CO_TRY(std::vector<wire::TxnOperation> operations, txn_operations(call.request.body));
    const state::Snapshot tables = store_.snapshot();
    TxnAccess access(call.caller, *tables);
    for (wire::TxnOperation& operation : operations)
      CO_TRY_VOID(access.admit(operation));
    const bool reads = state::only_reads(operations);
    CO_TRY(const state::Ref<state::TxnOutcome> outcome,
           co_await kv_.run(std::move(operations), datacenter_));
    if (!reads) co_return txn_answer(call.caller, *outcome);
    json::Object body = body_of(call.caller, *outcome);
    body["Index"] = 0;
    body["LastContact"] = 0;
    body["KnownLeader"] = true;
    body["ConsistencyLevel"] = "";
    Answer answer = json_answer(std::move(body));
    answer.is_read = true;
    answer.status = status_of(*outcome);
    co_return answer;
  }

 private:
  const state::Store& store_;
  server::Kv& kv_;
  const std::string datacenter_;
};

}  // namespace

Answer txn_answer(const acl::Authorized& caller, const state::TxnOutcome& outcome) {
  Answer answer = json_answer(body_of(caller, outcome));
  answer.status = status_of(outcome);
  return answer;
}

std::vector<Route> txn_routes(const Readers& readers, server::Kv& kv, std::string datacenter) {
  const auto to =
      handlers_of(std::make_shared<TxnPage>(readers.store, kv, std::move(datacenter)));
  const Need need{Capability::anyone, Scope::handler,
                  "key, node or service: read or write, of each operation"};
  return {{"PUT", "/v1/txn", need, to(&TxnPage::run)}};
}

}  // namespace caravan::api::consul
