// SPDX-License-Identifier: Apache-2.0
// Auth methods and binding rules. Everybody may list the methods: it takes no token to choose how
// to get one.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/acl_shapes.hpp"
#include "api/auth_shapes.hpp"
#include "api/nomad/acl_page.hpp"
#include "api/nomad/pages.hpp"
#include "wire/json_in.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

/// What the body says, over what was there before.
template <class Noun>
base::Result<Noun> noun_in(const json::Value& body, const char* name, Noun before) {
  std::optional<base::Error> error;
  wire::JsonIn::read(body, wire::Path{nullptr, name}, before, error);
  if (error) return std::unexpected(*std::move(error));
  return before;
}

class AuthMethodPage {
 public:
  AuthMethodPage(const Readers& readers, server::AuthMethods& methods)
      : readers_(readers), methods_(methods) {}

  Task<Result> list_methods(Call& call) {
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.auth_methods.each([&](const std::string& name, const auto& method) {
        rows.push_back({name, json::to_string(auth_method_stub(*method))});
      });
      return list(call, std::move(rows), tables.index_of(Table::auth_methods));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::auth_methods)}, look);
  }

  Task<Result> get_method(Call& call) {
    const std::string name = call.param("name");
    const Look look = [name](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::AuthMethod> method = tables.auth_method(name);
      if (!method) return base::fail(base::Code::not_found, "ACL auth-method not found");
      return View{json::to_string(auth_method_json(*method)), method->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::auth_method(name)}, look);
  }

  Task<Result> put_method(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    const std::string* named = body.at("Name").as_string();
    std::string name = named ? *named : "";
    if (call.params.contains("name")) {
      if (!name.empty() && name != call.param("name"))
        co_return base::invalid("ACL auth-method name does not match request path");
      name = call.param("name");
    }
    const state::Ref<model::AuthMethod> old = readers_.store.snapshot()->auth_method(name);
    if (!old && call.params.contains("name"))
      co_return base::fail(base::Code::not_found, "ACL auth-method not found");
    if (!body.at("Config").at("OIDCClientAssertion").is_null())
      co_return base::fail(base::Code::unsupported,
                           "Config.OIDCClientAssertion: client assertions are not built yet; use "
                           "OIDCClientSecret, or OIDCEnablePKCE without a secret");
    model::AuthMethod before = old ? *old : model::AuthMethod();
    const std::string secret = before.config.client_secret;
    CO_TRY(model::AuthMethod method, noun_in(body, "AuthMethod", std::move(before)));
    method.name = name;
    if (method.token_name_format.empty())
      method.token_name_format = model::token_name_format_default;
    if (method.config.client_secret == redacted) method.config.client_secret = secret;
    CO_TRY(const state::Ref<model::AuthMethod> made,
           co_await methods_.put_method(std::move(method)));
    Answer answer = json_answer(auth_method_json(*made));
    answer.index = made->modify_index;
    co_return answer;
  }

  Task<Result> delete_method(Call& call) {
    std::string name = call.param("name");
    Answer answer;
    CO_TRY(answer.index, co_await methods_.delete_method(std::move(name)));
    co_return answer;
  }

  Task<Result> list_rules(Call& call) {
    CO_TRY(const std::string prefix, id_prefix(call));
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.binding_rules.each([&](const base::Uuid& id, const auto& rule) {
        if (id.to_string().starts_with(prefix))
          rows.push_back({id.to_string(), json::to_string(binding_rule_stub(*rule))});
      });
      return list(call, std::move(rows), tables.index_of(Table::binding_rules));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::binding_rules)}, look);
  }

  Task<Result> get_rule(Call& call) {
    CO_TRY(const base::Uuid id, id_param<base::Uuid>(call, "binding rule"));
    const Look look = [id](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::BindingRule> rule = tables.binding_rule(id);
      if (!rule) return base::fail(base::Code::not_found, "ACL binding rule not found");
      return View{json::to_string(binding_rule_json(*rule)), rule->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::binding_rule(id)}, look);
  }

  Task<Result> put_rule(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    base::Uuid id;
    if (call.params.contains("id")) {
      CO_TRY(id, id_param<base::Uuid>(call, "binding rule"));
    }
    const state::Ref<model::BindingRule> old = readers_.store.snapshot()->binding_rule(id);
    model::BindingRule before = old ? *old : model::BindingRule();
    CO_TRY(model::BindingRule rule, noun_in(body, "BindingRule", std::move(before)));
    if (!id.is_nil() && !rule.id.is_nil() && rule.id != id)
      co_return base::invalid("ACL binding rule ID does not match request path");
    if (!id.is_nil()) rule.id = id;
    CO_TRY(const state::Ref<model::BindingRule> made, co_await methods_.put_rule(std::move(rule)));
    Answer answer = json_answer(binding_rule_json(*made));
    answer.index = made->modify_index;
    co_return answer;
  }

  Task<Result> delete_rule(Call& call) {
    CO_TRY(const base::Uuid id, id_param<base::Uuid>(call, "binding rule"));
    Answer answer;
    CO_TRY(answer.index, co_await methods_.delete_rule(id));
    co_return answer;
  }

 private:
  Readers readers_;
  server::AuthMethods& methods_;
};

}  // namespace

std::vector<Route> auth_method_routes(const Readers& readers, const server::Access& access,
                                      server::AuthMethods& methods) {
  const auto page = std::make_shared<AuthMethodPage>(readers, methods);
  const auto to = [&access, by = handlers_of(page)](auto method) {
    return while_on(access, by(method));
  };
  using Page = AuthMethodPage;
  constexpr Capability manage = Capability::management;
  return {
      {"GET", "/v1/acl/auth-methods", Capability::anyone, to(&Page::list_methods)},
      {"PUT POST", "/v1/acl/auth-method", manage, to(&Page::put_method)},
      {"GET", "/v1/acl/auth-method/:name", manage, to(&Page::get_method)},
      {"PUT POST", "/v1/acl/auth-method/:name", manage, to(&Page::put_method)},
      {"DELETE", "/v1/acl/auth-method/:name", manage, to(&Page::delete_method)},
      {"GET", "/v1/acl/binding-rules", manage, to(&Page::list_rules)},
      {"PUT POST", "/v1/acl/binding-rule", manage, to(&Page::put_rule)},
      {"GET", "/v1/acl/binding-rule/:id", manage, to(&Page::get_rule)},
      {"PUT POST", "/v1/acl/binding-rule/:id", manage, to(&Page::put_rule)},
      {"DELETE", "/v1/acl/binding-rule/:id", manage, to(&Page::delete_rule)},
  };
}

}  // namespace caravan::api::nomad
