// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/kv_shapes.hpp"
#include "api/consul/pages.hpp"
#include "base/text.hpp"
#include "wire/json_in.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;
using SessionRef = state::Ref<model::Session>;

/// A number of a lock delay below this one means seconds, and nanoseconds from it on: clients write
/// both.
constexpr std::int64_t lock_delay_seconds_below = 1000;

/// The body of a request that makes one, keys in any case.
struct Asked {
  std::string name, node, ttl, behavior;
  std::optional<std::vector<std::string>> checks, node_checks;
  std::vector<model::SessionCheck> service_checks;
  json::Value lock_delay;
};
template <class V>
void fields(V& v, Asked& a) {
  v(1, "Name", a.name);
  v(2, "Node", a.node);
  v(3, "TTL", a.ttl);
  v(4, "Behavior", a.behavior);
  v(5, "Checks", a.checks);
  v(6, "NodeChecks", a.node_checks);
  v(7, "ServiceChecks", a.service_checks);
  v(8, "LockDelay", a.lock_delay);
}

base::Result<base::Duration> lock_delay_of(const json::Value& value) {
  if (value.is_null()) return model::session_lock_delay_default;
  if (const std::int64_t* number = value.as_int())
    return *number >= 0 && *number < lock_delay_seconds_below
               ? base::Duration(std::chrono::seconds(*number))
               : base::Duration(*number);
  const std::string* text = value.as_string();
  if (!text) return base::invalid("Request decode failed: LockDelay: not a duration such as 15s");
  if (text->empty()) return model::session_lock_delay_default;
  const base::Result<base::Duration> delay = base::parse_duration(*text);
  if (!delay) return base::invalid("Request decode failed: LockDelay: " + delay.error().message);
  return *delay;
}

base::Result<model::SessionBehavior> behavior_of(const std::string& text) {
  if (text.empty() || text == "release") return model::SessionBehavior::release;
  if (text == "delete") return model::SessionBehavior::remove;
  return base::fail(base::Code::internal,
                    fmt::format("Invalid Behavior setting '{}'", base::printable(text, 64)));
}

/// A session can only depend on what is well. That the node is heard of counts before the servers
/// have heard it for the first time, too.
base::Status check_stands(const Tables& tables, const std::string& node, const std::string& check) {
  const auto* found = tables.catalog_checks.find({base::to_lower(node), check});
  if (found && (*found)->status == model::Health::critical)
    return base::fail(base::Code::internal,
                      fmt::format("Check '{}' is in critical state", base::printable(check, 128)));
  if (found || check == model::node_check) return {};
  return base::fail(base::Code::internal,
                    fmt::format("Missing check '{}' registration", base::printable(check, 128)));
}

base::Result<model::Session> session_of(const Call& call) {
  Asked asked;
  if (!base::trim(call.request.body).empty()) {
    TRY(const json::Value body, body_object(call));
    base::Result<Asked> read = wire::from_json<Asked>(body, "Session");
    if (!read) return base::invalid("Request decode failed: " + read.error().message);
    asked = *std::move(read);
  }
  model::Session session;
  session.name = std::move(asked.name);
  session.node = std::move(asked.node);
  session.ttl = std::move(asked.ttl);
  TRY(session.lock_delay, lock_delay_of(asked.lock_delay));
  TRY(session.behavior, behavior_of(asked.behavior));
  if (asked.node_checks)
    session.node_checks = *std::move(asked.node_checks);
  else
    session.node_checks =
        std::move(asked.checks).value_or(std::vector{std::string(model::node_check)});
  session.service_checks = std::move(asked.service_checks);
  return session;
}

class SessionPage {
 public:
  SessionPage(const Readers& readers, server::Sessions& sessions, Nodes nodes)
      : readers_(readers), sessions_(sessions), nodes_(std::move(nodes)) {}

  Task<Result> create(Call& call) {
    CO_TRY(model::Session session, session_of(call));
    if (session.node.empty()) session.node = nodes_.asked(call.request);
    CO_TRY_VOID(call.caller.require(Capability::session_write, session.node));
    if (!nodes_.is_known(session.node))
      co_return base::fail(base::Code::internal, "Missing node registration");
    const state::Snapshot tables = readers_.store.snapshot();
    for (const std::string& check : session.node_checks)
      CO_TRY_VOID(check_stands(*tables, session.node, check));
    for (const model::SessionCheck& check : session.service_checks)
      CO_TRY_VOID(check_stands(*tables, session.node, check.id));
    CO_TRY(const base::Uuid id, co_await sessions_.create(std::move(session)));
    co_return json_answer(json::Object{{"ID", id.to_string()}});
  }

  Task<Result> destroy(Call& call) {
    CO_TRY(const base::Uuid id, session_id(call.param("id")));
    const SessionRef session = readers_.store.snapshot()->session(id);
    if (session) {
      CO_TRY_VOID(call.caller.require(Capability::session_write, session->node));
      CO_TRY_VOID(co_await sessions_.destroy(id));
    }
    co_return json_answer(true);
  }

  Task<Result> renew(Call& call) {
    CO_TRY(const base::Uuid id, session_id(call.param("id")));
    const SessionRef known = readers_.store.snapshot()->session(id);
    if (known) CO_TRY_VOID(call.caller.require(Capability::session_write, known->node));
    const SessionRef session = co_await sessions_.renew(id);
    if (!session)
      co_return base::fail(base::Code::not_found,
                           fmt::format("Session id '{}' not found", id.to_string()));
    co_return json_answer(json::Array{session_json(*session)});
  }

  Task<Result> info(Call& call) {
    CO_TRY(const base::Uuid id, session_id(call.param("id")));
    const Look look = [&call, id](const Tables& tables) -> base::Result<View> {
      json::Array shown;
      const SessionRef session = tables.session(id);
      if (session && call.caller.may(Capability::session_read, session->node))
        shown.emplace_back(session_json(*session));
      const std::uint64_t index =
          session ? session->modify_index : tables.index_of(Table::sessions);
      return View{json::to_string(std::move(shown)), index};
    };
    co_return co_await read(readers_, call, {state::key::session(id)}, look);
  }

  Task<Result> of_node(Call& call) {
    const std::string node = call.param("node");
    const std::string watched = state::key::sessions_of_node(node);
    const Look look = [&call, node, watched](const Tables& tables) -> base::Result<View> {
      json::Array shown;
      const auto* ids = tables.sessions_by_node.find(node);
      if (ids && call.caller.may(Capability::session_read, node))
        ids->each([&](const base::Uuid& id, const state::Nothing&) {
          shown.emplace_back(session_json(*tables.session(id)));
        });
      return View{json::to_string(std::move(shown)), tables.index_of_prefix(watched)};
    };
    co_return co_await read(readers_, call, {watched}, look);
  }

  Task<Result> list_sessions(Call& call) {
    const Look look = [&call](const Tables& tables) -> base::Result<View> {
      json::Array shown;
      tables.sessions.each([&](const base::Uuid&, const SessionRef& session) {
        if (call.caller.may(Capability::session_read, session->node))
          shown.emplace_back(session_json(*session));
      });
      return View{json::to_string(std::move(shown)), tables.index_of(Table::sessions)};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::sessions)}, look);
  }

 private:
  Readers readers_;
  server::Sessions& sessions_;
  Nodes nodes_;
};

}  // namespace

std::vector<Route> session_routes(const Readers& readers, server::Sessions& sessions, Nodes nodes) {
  const auto to = handlers_of(std::make_shared<SessionPage>(readers, sessions, std::move(nodes)));
  const Need reads{Capability::anyone, Scope::handler, "session:read; lists show what may be read"};
  const Need writes{Capability::anyone, Scope::handler, "session:write, on its node"};
  return {{"PUT", "/v1/session/create", writes, to(&SessionPage::create)},
          {"PUT", "/v1/session/destroy/:id", writes, to(&SessionPage::destroy)},
          {"PUT", "/v1/session/renew/:id", writes, to(&SessionPage::renew)},
          {"GET", "/v1/session/info/:id", reads, to(&SessionPage::info)},
          {"GET", "/v1/session/node/:node", reads, to(&SessionPage::of_node)},
          {"GET", "/v1/session/list", reads, to(&SessionPage::list_sessions)}};
}

}  // namespace caravan::api::consul
