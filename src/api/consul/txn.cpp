// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>

#include "api/consul/kv_shapes.hpp"
#include "api/consul/pages.hpp"
#include "api/consul/txn_operations.hpp"
#include "state/kv_transaction.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using wire::KvVerb;
using Result = base::Result<Answer>;

bool may(const acl::Authorized& caller, const wire::KvOperation& operation) {
  switch (operation.verb) {
    case KvVerb::get_tree:
      return true;  // what may not be read is not shown
    case KvVerb::get:
    case KvVerb::get_or_empty:
    case KvVerb::check_index:
    case KvVerb::check_session:
    case KvVerb::check_not_exists:
      return caller.may(Capability::key_read, operation.key);
    case KvVerb::remove_tree:
      return caller.may_all_under(Capability::key_write, operation.key);
    default:
      return caller.may(Capability::key_write, operation.key);
  }
}

json::Value results_json(const acl::Authorized& caller, const state::KvOutcome& outcome) {
  if (!outcome.failures.empty()) return nullptr;
  json::Array results;
  for (const state::KvOutcome::Shown& shown : outcome.shown)
    if (!shown.with_value || caller.may(Capability::key_read, shown.entry->key))
      results.emplace_back(json::Object{{"KV", entry_json(*shown.entry, shown.with_value)}});
  return results;
}

json::Value errors_json(const state::KvOutcome& outcome) {
  if (outcome.failures.empty()) return nullptr;
  json::Array errors;
  for (const state::KvOutcome::Failure& failure : outcome.failures)
    errors.emplace_back(
        json::Object{{"OpIndex", std::uint64_t{failure.operation}}, {"What", failure.what}});
  return errors;
}

json::Object body_of(const acl::Authorized& caller, const state::KvOutcome& outcome) {
  return {{"Results", results_json(caller, outcome)}, {"Errors", errors_json(outcome)}};
}

int status_of(const state::KvOutcome& outcome) { return outcome.failures.empty() ? 200 : 409; }

class TxnPage {
 public:
  explicit TxnPage(server::Kv& kv) : kv_(kv) {}

  Task<Result> run(Call& call) {
    CO_TRY(std::vector<wire::KvOperation> operations, txn_operations(call.request.body));
    for (const wire::KvOperation& operation : operations)
      if (!may(call.caller, operation))
        co_return base::fail(base::Code::denied, acl::permission_denied);
    const bool reads = state::only_reads(operations);
    CO_TRY(const state::Ref<state::KvOutcome> outcome, co_await kv_.run(std::move(operations)));
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
  server::Kv& kv_;
};

}  // namespace

Answer txn_answer(const acl::Authorized& caller, const state::KvOutcome& outcome) {
  Answer answer = json_answer(body_of(caller, outcome));
  answer.status = status_of(outcome);
  return answer;
}

std::vector<Route> txn_routes(server::Kv& kv) {
  const auto to = handlers_of(std::make_shared<TxnPage>(kv));
  const Need need{Capability::anyone, Scope::handler, "key:read or key:write, on each key"};
  return {{"PUT", "/v1/txn", need, to(&TxnPage::run)}};
}

}  // namespace caravan::api::consul
