// SPDX-License-Identifier: Apache-2.0
// Auth methods, binding rules, and logging in and out by them.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/acl_page.hpp"
#include "api/consul/auth_shapes.hpp"
#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"
#include "base/text.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;
using Method = state::Ref<model::AuthMethod>;
using Rule = state::Ref<model::BindingRule>;

class AuthPage {
 public:
  AuthPage(const Readers& readers, server::Access& access, AuthParts parts)
      : readers_(readers), access_(access), parts_(std::move(parts)) {}

  Task<Result> methods(Call& call) {
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      json::Array shown;
      tables.auth_methods.each([&](const std::string&, const Method& method) {
        shown.emplace_back(auth_method_row(*method));
      });
      return View{json::to_string(json::Value(std::move(shown))),
                  std::max<std::uint64_t>(tables.index_of(Table::auth_methods), 1)};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::auth_methods)}, look);
  }

  Task<Result> method(Call& call) {
    const Method method = readers_.store.snapshot()->auth_method(call.param("name"));
    if (!method) co_return no_such("auth method");
    co_return json_answer(auth_method_json(*method));
  }

  Task<Result> add_method(Call& call) {
    CO_TRY(json::Object body, body_of(call));
    CO_TRY(model::AuthMethod method, auth_method_in(std::move(body), {}));
    if (readers_.store.snapshot()->auth_method(method.name))
      co_return base::invalid(
          fmt::format("Invalid Auth Method: there is one of the name \"{}\" already",
                      base::printable(method.name, 128)));
    co_return co_await put(std::move(method));
  }

  Task<Result> change_method(Call& call) {
    const Method old = readers_.store.snapshot()->auth_method(call.param("name"));
    if (!old) co_return no_such("auth method");
    CO_TRY(json::Object body, body_of(call));
    CO_TRY(model::AuthMethod method, auth_method_in(std::move(body), *old));
    if (method.name != old->name)
      co_return base::invalid("Invalid Auth Method: its name cannot be changed");
    co_return co_await put(std::move(method));
  }

  Task<Result> delete_method(Call& call) {
    std::string name = call.param("name");
    co_return deleted(co_await parts_.methods.delete_method(std::move(name)));
  }

  Task<Result> rules(Call& call) {
    const std::string method = call.request.query.get("authmethod");
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      json::Array shown;
      tables.binding_rules.each([&](const base::Uuid&, const Rule& rule) {
        if (method.empty() || rule->auth_method == method)
          shown.emplace_back(binding_rule_json(*rule));
      });
      return View{json::to_string(json::Value(std::move(shown))),
                  std::max<std::uint64_t>(tables.index_of(Table::binding_rules), 1)};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::binding_rules)}, look);
  }

  Task<Result> rule(Call& call) {
    const Rule rule = rule_of(call);
    if (!rule) co_return no_such("binding rule");
    co_return json_answer(binding_rule_json(*rule));
  }

  Task<Result> add_rule(Call& call) { co_return co_await put_rule(call, {}); }

  Task<Result> change_rule(Call& call) {
    const Rule old = rule_of(call);
    if (!old) co_return no_such("binding rule");
    co_return co_await put_rule(call, *old);
  }

  Task<Result> delete_rule(Call& call) {
    const base::Result<base::Uuid> id = base::Uuid::parse(call.param("id"));
    if (!id) co_return json_answer(true);
    co_return deleted(co_await parts_.methods.delete_rule(*id));
  }

  Task<Result> log_in(Call& call) {
    CO_TRY(json::Object body, body_of(call));
    Members members(std::move(body));
    std::string method, token;
    CO_TRY_VOID(members.text("AuthMethod", method));
    CO_TRY_VOID(members.text("BearerToken", token));
    (void)members.take("Meta");  // for whoever reads what was asked
    CO_TRY(const state::Ref<model::AclToken> made,
           co_await parts_.logins.log_in(std::move(method), std::move(token)));
    co_return json_answer(
        token_json(*readers_.store.snapshot(), *made, made->secret.to_string()));
  }

  /// Only what a login gave is taken back, lest somebody lose the one token that there is.
  Task<Result> log_out(Call& call) {
    const state::Ref<model::AclToken> token = call.caller.token();
    if (!token || token->name != login_description)
      co_return base::fail(base::Code::denied, "Permission denied: no login gave this token");
    co_return deleted(co_await access_.delete_token(token->accessor));
  }

 private:
  Rule rule_of(const Call& call) const {
    const base::Result<base::Uuid> id = base::Uuid::parse(call.param("id"));
    return id ? readers_.store.snapshot()->binding_rule(*id) : nullptr;
  }

  Task<Result> put(model::AuthMethod method) {
    if (method.max_token_ttl == base::Duration(0))
      method.max_token_ttl = parts_.methods.longest_ttl();
    CO_TRY(const Method made, co_await parts_.methods.put_method(std::move(method)));
    co_return json_answer(auth_method_json(*made));
  }

  Task<Result> put_rule(Call& call, model::BindingRule before) {
    CO_TRY(json::Object body, body_of(call));
    CO_TRY(model::BindingRule rule,
           binding_rule_in(std::move(body), std::move(before), parts_.datacenter));
    CO_TRY(const Rule made, co_await parts_.methods.put_rule(std::move(rule)));
    co_return json_answer(binding_rule_json(*made));
  }

  Readers readers_;
  server::Access& access_;
  const AuthParts parts_;
};

}  // namespace

std::vector<Route> auth_routes(const Readers& readers, server::Access& access, AuthParts parts) {
  const auto page = std::make_shared<AuthPage>(readers, access, std::move(parts));
  const auto to = [&access, by = handlers_of(page)](auto method) {
    return while_on(access, by(method));
  };
  const Need manages = Capability::management;
  using P = AuthPage;
  return {{"GET", "/v1/acl/auth-methods", manages, to(&P::methods)},
          {"PUT", "/v1/acl/auth-method", manages, to(&P::add_method)},
          {"GET", "/v1/acl/auth-method/:name", manages, to(&P::method)},
          {"PUT", "/v1/acl/auth-method/:name", manages, to(&P::change_method)},
          {"DELETE", "/v1/acl/auth-method/:name", manages, to(&P::delete_method)},
          {"GET", "/v1/acl/binding-rules", manages, to(&P::rules)},
          {"PUT", "/v1/acl/binding-rule", manages, to(&P::add_rule)},
          {"GET", "/v1/acl/binding-rule/:id", manages, to(&P::rule)},
          {"PUT", "/v1/acl/binding-rule/:id", manages, to(&P::change_rule)},
          {"DELETE", "/v1/acl/binding-rule/:id", manages, to(&P::delete_rule)}};
}

std::vector<Route> login_routes(const Readers& readers, server::Access& access, AuthParts parts) {
  const auto page = std::make_shared<AuthPage>(readers, access, std::move(parts));
  const auto to = [&access, by = handlers_of(page)](auto method) {
    return while_on(access, by(method));
  };
  const Need proof{Capability::anyone, Scope::request, "what the provider of the method signed"};
  return {{"POST PUT", "/v1/acl/login", proof, to(&AuthPage::log_in)},
          {"POST PUT",
           "/v1/acl/logout",
           {Capability::anyone, Scope::handler, "one's own"},
           to(&AuthPage::log_out)}};
}

}  // namespace caravan::api::consul
