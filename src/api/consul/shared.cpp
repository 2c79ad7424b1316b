// SPDX-License-Identifier: Apache-2.0
#include "api/consul/shared.hpp"

#include <array>

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/query.hpp"
#include "base/text.hpp"
#include "json/reader.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

/// What is asked of the page here, from what was asked there: its parameters as a text.
using Ask = std::string (*)(const Call& call);
/// The answer in the words of the registry's clients.
using Say = Result (*)(Answer answer);

std::string parameter(std::string_view name, const std::string& value) {
  return fmt::format("{}={}", name, base::percent_encode(value));
}

std::string as_it_is(const Call& call) {
  const std::size_t mark = call.request.target.find('?');
  return mark == std::string::npos ? "" : call.request.target.substr(mark + 1);
}
std::string as_plain_log(const Call& call) {
  const http::Query& query = call.request.query;
  std::string asked = "plain=true";
  if (query.has("loglevel")) asked += "&" + parameter("log_level", query.get("loglevel"));
  if (query.has("logjson")) asked += "&log_json=true";
  return asked;
}
std::string as_address(const Call& call) { return parameter("address", call.param("address")); }

Result unchanged(Answer answer) { return answer; }
Result nothing(Answer answer) {
  answer.body.clear();
  answer.content_type = "text/plain; charset=utf-8";
  return answer;
}

Result raft_words(Answer answer) {
  TRY(json::Value body, json::parse(answer.body));
  if (json::Value* servers = body.as_object()->find("Servers"))
    for (json::Value& each : *servers->as_array()) {
      json::Object& server = *each.as_object();
      server["ProtocolVersion"] = server["RaftProtocol"];
      server.erase("RaftProtocol");
    }
  answer.body = json::to_string(body);
  return answer;
}

Result joined_or_not(Answer answer) {
  TRY(const json::Value body, json::parse(answer.body));
  const std::string* error = body.at("error").as_string();
  if (error && !error->empty()) return base::fail(base::Code::internal, *error);
  return nothing(std::move(answer));
}

Result moved_or_not(Answer) { return json_answer(json::Object{{"Success", true}}); }

struct Row {
  const char *methods, *path, *native;
  Capability needed;
  Ask ask = as_it_is;
  Say say = unchanged;
};
constexpr std::array rows = {
    Row{"GET", "/v1/operator/raft/configuration", "/v1/operator/raft/configuration",
        Capability::operator_read, as_it_is, raft_words},
    Row{"DELETE", "/v1/operator/raft/peer", "/v1/operator/raft/peer", Capability::operator_write,
        as_it_is, nothing},
    Row{"POST PUT", "/v1/operator/raft/transfer-leader", "/v1/operator/raft/transfer-leadership",
        Capability::operator_write, as_it_is, moved_or_not},
    Row{"GET", "/v1/operator/autopilot/health", "/v1/operator/autopilot/health",
        Capability::operator_read},
    Row{"GET", "/v1/operator/autopilot/configuration", "/v1/operator/autopilot/configuration",
        Capability::operator_read},
    Row{"PUT", "/v1/operator/autopilot/configuration", "/v1/operator/autopilot/configuration",
        Capability::operator_write},
    Row{"GET", "/v1/snapshot", "/v1/operator/snapshot", Capability::management},
    Row{"PUT", "/v1/snapshot", "/v1/operator/snapshot", Capability::management, as_it_is, nothing},
    Row{"GET", "/v1/agent/monitor", "/v1/agent/monitor", Capability::catalog_agent_read,
        as_plain_log},
    Row{"GET", "/v1/agent/metrics", "/v1/metrics", Capability::catalog_agent_read},
    Row{"PUT", "/v1/agent/join/:address", "/v1/agent/join", Capability::catalog_agent_write,
        as_address, joined_or_not},
};

const Route* find(const std::vector<Route>& native, const Row& row) {
  const std::string method = base::split(row.methods, ' ').back();
  for (const Route& route : native) {
    const std::vector<std::string> methods = base::split(route.methods, ' ');
    if (route.path == row.native && std::ranges::find(methods, method) != methods.end())
      return &route;
  }
  return nullptr;
}

Task<Result> carry_over(const Row& row, const Handler& handler, const std::string& node,
                        Call& call) {
  const bool is_of_agent = acl::realm_of(row.needed) == acl::Realm::catalog_agent;
  CO_TRY_VOID(call.caller.require(row.needed, is_of_agent ? node : ""));
  http::Request request = call.request;
  const std::string query = row.ask(call);
  CO_TRY_VOID(request.set_target(query.empty() ? row.native : fmt::format("{}?{}", row.native, query)));
  Call inner{request, call.responder, {}, call.caller, call.needed};
  CO_TRY(Answer answer, co_await handler(inner));
  if (answer.sent || answer.status >= 400) co_return answer;
  co_return row.say(std::move(answer));
}

}  // namespace

std::vector<Route> shared_routes(const std::vector<Route>& native, std::string node) {
  std::vector<Route> all;
  for (const Row& row : rows) {
    const Route* from = find(native, row);
    if (!from) continue;  // a server's, and there is none here
    const Need need{Capability::anyone, Scope::handler, "operator, or agent of this one"};
    const Handler handler = [&row, to = from->handler, node](Call& call) {
      return carry_over(row, to, node, call);
    };
    all.push_back({row.methods, row.path, need, handler, from->is_here});
  }
  return all;
}

}  // namespace caravan::api::consul
