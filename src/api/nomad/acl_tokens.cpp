// SPDX-License-Identifier: Apache-2.0
// Tokens, and the first of them.
#include <algorithm>

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/acl_shapes.hpp"
#include "api/nomad/acl_page.hpp"
#include "api/nomad/pages.hpp"
#include "base/text.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;
using Token = state::Ref<model::AclToken>;

/// Roles as links that have an id, or a name.
base::Result<std::vector<base::Uuid>> roles_in(const json::Value& list, const Tables& tables) {
  std::vector<base::Uuid> roles;
  if (list.is_null()) return roles;
  const json::Array* array = list.as_array();
  if (!array) return base::invalid("Roles: not a list");
  for (const json::Value& link : *array) {
    TRY(base::Uuid id, base::Uuid::parse(link.text_at("ID")));
    if (id.is_nil()) {
      const std::string name = link.text_at("Name");
      const state::Ref<model::AclRole> role = tables.acl_role_named(name);
      if (!role)
        return base::invalid(fmt::format("cannot find role {}", base::printable(name, 128)));
      id = role->id;
    }
    if (std::ranges::find(roles, id) == roles.end()) roles.push_back(id);
  }
  return roles;
}

/// "8h", or nanoseconds as a number.
base::Result<base::Duration> ttl_in(const json::Value& body, base::Instant now) {
  const json::Value& ttl = body.at("ExpirationTTL");
  if (const auto number = ttl.as_int()) return base::Duration(*number);
  if (const std::string text = body.text_at("ExpirationTTL"); !text.empty()) {
    const base::Result<base::Duration> parsed = base::parse_duration(text);
    if (!parsed) return base::invalid("ExpirationTTL: " + parsed.error().message);
    return *parsed;
  }
  if (const std::string text = body.text_at("ExpirationTime"); !text.empty()) {
    const base::Result<base::Instant> time = base::parse_rfc3339(text);
    if (!time) return base::invalid("ExpirationTime: " + time.error().message);
    return *time - now;
  }
  return base::Duration(0);
}

class AclTokenPage {
 public:
  AclTokenPage(const Readers& readers, server::Access& access, std::string authority)
      : readers_(readers), access_(access), authority_(std::move(authority)) {}

  Task<Result> bootstrap(Call& call) {
    if (!authority_.empty()) co_return of_authority();
    base::Uuid secret;
    if (!base::trim(call.request.body).empty()) {
      CO_TRY(const json::Value body, body_object(call));
      const auto given = base::Uuid::parse(body.text_at("BootstrapSecret"));
      if (!given) co_return base::invalid("invalid acl bootstrap token: BootstrapSecret: no UUID");
      secret = *given;
    }
    const server::Access::TokenReply made = co_await access_.bootstrap(secret);
    co_return told(made);
  }

  Task<Result> list_tokens(Call& call) {
    CO_TRY(const std::string prefix, id_prefix(call));
    CO_TRY(const bool global, flag(call, "global", false));
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.acl_tokens.each([&](const base::Uuid& accessor, const Token& token) {
        const std::string id = accessor.to_string();
        if (id.starts_with(prefix) && (!global || token->global))
          rows.push_back({id, json::to_string(acl_token_stub(*token, &tables))});
      });
      return list(call, std::move(rows), tables.index_of(Table::acl_tokens));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::acl_tokens)}, look);
  }

  Task<Result> self(Call& call) {
    if (const auto& identity = call.caller.identity()) {
      Answer answer;
      answer.body = json::to_string(identity_json(*identity, call.caller.policies()));
      answer.index = readers_.store.snapshot()->index;
      co_return answer;
    }
    const Token token = call.caller.token();
    if (!token) co_return base::fail(base::Code::denied, acl::token_not_found);
    co_return co_await show(call, token->accessor);
  }

  Task<Result> get_token(Call& call) {
    CO_TRY(const base::Uuid accessor, id_param<base::Uuid>(call, "token"));
    const Token own = call.caller.token();
    if (!call.caller.is_management() && !(own && own->accessor == accessor)) co_return denied();
    co_return co_await show(call, accessor);
  }

  Task<Result> add_token(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(const base::Uuid named, base::Uuid::parse(body.text_at("AccessorID")));
    if (is_elsewhere(named, &body)) co_return of_authority();
    CO_TRY(model::AclToken token, token_in(body));
    const bool exists = readers_.store.snapshot()->acl_token(token.accessor) != nullptr;
    if (exists && token.secret.is_nil()) {
      const server::Access::TokenReply changed = co_await access_.change_token(std::move(token));
      co_return told(changed);
    }
    if (token.accessor.is_nil() != token.secret.is_nil())
      co_return base::invalid(
          "AccessorID and SecretID of a new token come together, or not at all");
    CO_TRY(const base::Duration ttl, ttl_in(body, readers_.clock.now()));
    const server::Access::TokenReply made = co_await access_.add_token(std::move(token), ttl);
    co_return told(made);
  }

  Task<Result> change_token(Call& call) {
    CO_TRY(const base::Uuid accessor, id_param<base::Uuid>(call, "token"));
    CO_TRY(const json::Value body, body_object(call));
    if (is_elsewhere(accessor, &body)) co_return of_authority();
    CO_TRY(model::AclToken token, token_in(body));
    if (!token.accessor.is_nil() && token.accessor != accessor)
      co_return base::invalid("Token accessor ID does not match request path");
    token.accessor = accessor;
    const server::Access::TokenReply changed = co_await access_.change_token(std::move(token));
    co_return told(changed);
  }

  Task<Result> delete_token(Call& call) {
    CO_TRY(const base::Uuid accessor, id_param<base::Uuid>(call, "token"));
    if (is_elsewhere(accessor, nullptr)) co_return of_authority();
    Answer answer;
    CO_TRY(answer.index, co_await access_.delete_token(accessor));
    co_return answer;
  }

 private:
  /// Whether a token is the authoritative region's to write: one that is global, and one that is
  /// not here and is not said to be.
  bool is_elsewhere(const base::Uuid& accessor, const json::Value* body) const {
    if (authority_.empty()) return false;
    const Token token = readers_.store.snapshot()->acl_token(accessor);
    if (token) return token->global;
    const bool* global = body ? body->at("Global").as_bool() : nullptr;
    return !body || (global && *global);
  }
  Answer of_authority() const {
    Answer answer;
    answer.place = authority_;
    return answer;
  }

  base::Result<model::AclToken> token_in(const json::Value& body) const {
    model::AclToken token;
    TRY(token.accessor, base::Uuid::parse(body.text_at("AccessorID")));
    TRY(token.secret, base::Uuid::parse(body.text_at("SecretID")));
    token.name = body.text_at("Name");
    if (const std::string type = body.text_at("Type"); !type.empty()) token.type = type;
    TRY(token.policies, names_in(body.at("Policies"), "Policies"));
    TRY(token.roles, roles_in(body.at("Roles"), *readers_.store.snapshot()));
    const bool* global = body.at("Global").as_bool();
    token.global = global && *global;
    return token;
  }

  Task<Result> show(Call& call, base::Uuid accessor) {
    const Look look = [accessor](const Tables& tables) -> base::Result<View> {
      const Token token = tables.acl_token(accessor);
      if (!token) return base::fail(base::Code::not_found, acl::token_not_found);
      return View{json::to_string(acl_token_json(*token, tables)), token->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::acl_token(accessor)}, look);
  }

  Result told(const server::Access::TokenReply& token) const {
    if (!token) return std::unexpected(token.error());
    Answer answer;
    answer.index = (*token)->modify_index;
    answer.body = json::to_string(acl_token_json(**token, *readers_.store.snapshot()));
    return answer;
  }

  Readers readers_;
  server::Access& access_;
  const std::string authority_;
};

}  // namespace

std::vector<Route> acl_token_routes(const Readers& readers, server::Access& access,
                                    std::string authority) {
  const auto page = std::make_shared<AclTokenPage>(readers, access, std::move(authority));
  const auto to = [&access, by = handlers_of(page)](auto method) {
    return while_on(access, by(method));
  };
  return {
      {"PUT POST", "/v1/acl/bootstrap", Capability::anyone, to(&AclTokenPage::bootstrap)},
      {"GET", "/v1/acl/tokens", Capability::management, to(&AclTokenPage::list_tokens)},
      {"PUT POST", "/v1/acl/token", Capability::management, to(&AclTokenPage::add_token)},
      {"GET",
       "/v1/acl/token/self",
       {Capability::anyone, Scope::handler, "a token, or that of a task"},
       to(&AclTokenPage::self)},
      {"GET",
       "/v1/acl/token/:id",
       {Capability::anyone, Scope::handler, "management; others see their own token"},
       to(&AclTokenPage::get_token)},
      {"PUT POST", "/v1/acl/token/:id", Capability::management, to(&AclTokenPage::change_token)},
      {"DELETE", "/v1/acl/token/:id", Capability::management, to(&AclTokenPage::delete_token)},
  };
}

}  // namespace caravan::api::nomad
