// SPDX-License-Identifier: Apache-2.0
// What is answered here, and what a caller needs for it: ours. docs/acl.md is made of this.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/callers.hpp"
#include "api/nomad/pages.hpp"
#include "base/text.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

/// On what the capability is asked for.
std::string_view words_of(Scope scope) {
  switch (scope) {
    case Scope::request:
      return "of the request";
    case Scope::list:
      return "of the request; \"*\" lists what may be seen";
    case Scope::named:
      return "named in the path";
    case Scope::allocation:
      return "of the allocation";
    case Scope::evaluation:
      return "of the evaluation";
    case Scope::deployment:
      return "of the deployment";
    case Scope::scaling_policy:
      return "of the policy's job";
    case Scope::handler:
      return "";
  }
  return "";
}

json::Object row_json(const Route& route) {
  const Need& need = route.need;
  const acl::Realm realm = acl::realm_of(need.capability);
  const bool has_subject = realm == acl::Realm::space || realm == acl::Realm::node_pool ||
                           need.capability == Capability::see_namespace ||
                           need.capability == Capability::find_service;
  const bool is_told = need.capability == Capability::anyone && !need.note.empty();
  std::string needs = is_told ? "" : acl::capability_name(need.capability);
  if (const Capability broad = acl::broader(need.capability); broad != need.capability)
    needs += " or " + acl::capability_name(broad);
  json::Array methods;
  for (const std::string& method : base::split(route.methods, ' '))
    methods.push_back(method);
  return {{"Methods", std::move(methods)},
          {"Path", route.path},
          {"Needs", needs},
          {"On", has_subject ? words_of(need.scope) : ""},
          {"Note", need.note}};
}

/// Errors: invalid.
base::Result<Capability> named(const std::string& name) {
  const std::optional<Capability> capability = acl::capability_named(name);
  if (capability) return *capability;
  return base::invalid(fmt::format("\"{}\" is no capability", base::printable(name, 64)));
}

/// Errors: invalid, denied.
base::Result<Answer> may(const Call& call) {
  TRY(const Capability capability, named(call.param("name")));
  TRY_VOID(call.caller.require(capability, ""));
  return Answer{.body = "true"};
}

/// Those of ?capability=a,b that the caller has in ?namespace=, so that a page shows only what
/// would not be refused. Errors: invalid.
base::Result<Answer> which(const Call& call) {
  const std::string asked = call.request.query.get("capability");
  if (asked.empty()) return Answer{.body = "[]"};
  json::Array had;
  for (const std::string& name : base::split(asked, ',')) {
    TRY(const Capability capability, named(name));
    if (call.caller.may(capability, call.ns())) had.push_back(name);
  }
  return Answer{.body = json::to_string(had)};
}

}  // namespace

std::vector<Route> route_table_routes(const Router& router) {
  const auto show = [&router](Call&) -> Task<Result> {
    json::Array rows;
    for (const Route& route : router.routes())
      rows.push_back(row_json(route));
    co_return Answer{.body = json::to_string(rows)};
  };
  return {{"GET", "/v1/agent/routes", Capability::agent_read, show, true}};
}

std::vector<Route> may_routes(const Readers& readers) {
  const auto answer = [](Call& call) -> Task<Result> { co_return may(call); };
  const auto tell = [&store = readers.store](Call& call) -> Task<Result> {
    co_return Answer{.body = rules_json(call.caller, *store.snapshot())};
  };
  const Need itself{Capability::anyone, Scope::handler, "the capability that is asked about"};
  const auto answer_all = [](Call& call) -> Task<Result> { co_return which(call); };
  const Need any{Capability::anyone, Scope::handler, "nothing; tells what the caller may"};
  const Need own{Capability::anyone, Scope::handler, "one's own"};
  return {{"GET", may_path + ":name", itself, answer},
          {"GET", std::string(may_path, 0, may_path.size() - 1), any, answer_all},
          {"GET", rules_path, own, tell}};
}

}  // namespace caravan::api::nomad
