// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"

namespace caravan::api::consul {

base::Result<Answer> again(const state::Tables& tables, const model::DoneRequest& done,
                           std::string_view asked, const acl::Authorized& caller) {
  if (asked == "/v1/txn") {
    if (const state::Ref<state::TxnOutcome>* outcome = tables.kv_outcomes.find(done.index))
      return txn_answer(caller, **outcome);
    return base::fail(base::Code::timeout,
                      fmt::format("the transaction was tried at index {}, and what came of it is "
                                  "not known any more",
                                  done.index));
  }
  const bool is_entry = asked.starts_with("/v1/config");
  const bool says_whether =
      done.kind == wire::kind_of<wire::ApplyKv>() ||
      (is_entry && (done.refused || done.kind == wire::kind_of<wire::PutConfigEntry>()));
  if (says_whether) return json_answer(!done.refused);
  if (is_entry) return json_answer(json::Object());
  if (done.refused)
    return base::fail(base::Code::conflict,
                      fmt::format("refused at index {}: it was not as expected", done.index));
  if (asked == "/v1/connect/intentions")
    return base::fail(base::Code::timeout,
                      fmt::format("the intention was written at index {}: its id is in the list of "
                                  "intentions",
                                  done.index));
  if (done.kind == wire::kind_of<wire::FireEvent>()) {
    model::UserEvent fired;
    tables.user_events.each([&](std::uint64_t, const state::Ref<model::UserEvent>& event) {
      if (event->id == done.made) fired = *event;
    });
    fired.id = done.made;
    fired.ltime = 0;
    return json_answer(event_json(fired));
  }
  if (done.kind == wire::kind_of<wire::DeletePreparedQuery>() ||
      (done.kind == wire::kind_of<wire::UpsertPreparedQuery>() && asked != "/v1/query"))
    return empty_answer();
  if (done.kind == wire::kind_of<wire::CreateSession>() ||
      done.kind == wire::kind_of<wire::UpsertPreparedQuery>())
    return json_answer(json::Object{{"ID", done.made.to_string()}});
  return json_answer(true);
}

}  // namespace caravan::api::consul
