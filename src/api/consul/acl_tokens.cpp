// SPDX-License-Identifier: Apache-2.0
// Tokens, the first of them, and the one of those who show none.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/acl_identities.hpp"
#include "api/consul/acl_page.hpp"
#include "api/consul/members.hpp"
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
using Token = state::Ref<model::AclToken>;

/// What a body says of a token.
struct Asked {
  model::AclToken token;
  base::Duration ttl{0};
};

const base::Uuid& anonymous() {
  static const base::Uuid id = *base::Uuid::parse(model::anonymous_accessor);
  return id;
}

/// The policies of those who show no token, as if they had one.
json::Object anonymous_json(const Tables& tables) {
  model::AclToken token;
  if (const Token kept = tables.acl_token(anonymous())) token = *kept;
  token.accessor = anonymous();
  token.name = "Anonymous Token";
  token.global = true;
  if (tables.acl_policy(model::anonymous_policy) &&
      std::ranges::find(token.policies, model::anonymous_policy) == token.policies.end())
    token.policies.emplace_back(model::anonymous_policy);
  return token_json(tables, token, anonymous_name);
}

/// A secret is shown to managers, and to who has it.
json::Object shown(const Tables& tables, const model::AclToken& token) {
  return token_json(tables, token, token.secret.to_string());
}

class AclTokenPage {
 public:
  AclTokenPage(const Readers& readers, server::Access& access, std::string datacenter)
      : readers_(readers), access_(access), datacenter_(std::move(datacenter)) {}

  Task<Result> bootstrap(Call& call) {
    base::Uuid secret;
    if (!base::trim(call.request.body).empty()) {
      CO_TRY(json::Object body, body_of(call));
      Members members(std::move(body));
      std::string given;
      CO_TRY_VOID(members.text("BootstrapSecret", given));
      CO_TRY(secret, base::Uuid::parse(given));
    }
    const server::Access::TokenReply made = co_await access_.bootstrap(secret);
    if (made) co_return json_answer(shown(*readers_.store.snapshot(), **made));
    const std::uint64_t index = readers_.store.snapshot()->acl_reset_index();
    if (made.error().code != base::Code::invalid || index == 0)
      co_return std::unexpected(made.error());
    co_return base::fail(
        base::Code::denied,
        fmt::format("Permission denied: ACL bootstrap no longer allowed (reset index: {})", index));
  }

  Task<Result> tokens(Call& call) {
    const std::string policy = call.request.query.get("policy"),
                      role = call.request.query.get("role");
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      json::Array rows;
      tables.acl_tokens.each([&](const base::Uuid& accessor, const Token& token) {
        if (accessor == anonymous()) return;
        if (!policy.empty() && !has_policy(*token, policy)) return;
        const bool has_role = std::ranges::any_of(
            token->roles, [&](const base::Uuid& id) { return id.to_string() == role; });
        if (role.empty() || has_role) rows.emplace_back(shown(tables, *token));
      });
      if (policy.empty() && role.empty()) rows.emplace_back(anonymous_json(tables));
      return View{json::to_string(json::Value(std::move(rows))),
                  std::max<std::uint64_t>(tables.index_of(Table::acl_tokens), 1)};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::acl_tokens)}, look);
  }

  Task<Result> self(Call& call) {
    const state::Snapshot tables = readers_.store.snapshot();
    const Token token = call.caller.token();
    if (token) co_return json_answer(shown(*tables, *token));
    if (call.caller.identity())
      co_return base::fail(base::Code::unsupported, "a task's token is not one of the registry's");
    co_return json_answer(anonymous_json(*tables));
  }

  Task<Result> token(Call& call) {
    const state::Snapshot tables = readers_.store.snapshot();
    CO_TRY(const base::Uuid accessor, accessor_of(call));
    if (accessor == anonymous()) co_return json_answer(anonymous_json(*tables));
    const Token token = tables->acl_token(accessor);
    if (!token) co_return not_there();
    co_return json_answer(shown(*tables, *token));
  }

  Task<Result> add(Call& call) {
    CO_TRY(Asked asked, token_in(call));
    CO_TRY_VOID(co_await make_those_of(asked.token));
    if (asked.token.accessor == anonymous() ||
        readers_.store.snapshot()->acl_token(asked.token.accessor))
      co_return co_await change_to(std::move(asked));
    const server::Access::TokenReply made =
        co_await access_.add_token(std::move(asked.token), asked.ttl);
    co_return told(made);
  }

  Task<Result> change(Call& call) {
    CO_TRY(Asked asked, token_in(call));
    CO_TRY(asked.token.accessor, accessor_of(call));
    CO_TRY_VOID(co_await make_those_of(asked.token));
    co_return co_await change_to(std::move(asked));
  }

  Task<Result> clone(Call& call) {
    CO_TRY(const base::Uuid accessor, accessor_of(call));
    const Token old = readers_.store.snapshot()->acl_token(accessor);
    if (!old) co_return not_there();
    CO_TRY(json::Object body, body_of(call));
    Members members(std::move(body));
    model::AclToken copy = *old;
    CO_TRY_VOID(members.text("Description", copy.name));
    copy.accessor = copy.secret = {};
    const server::Access::TokenReply made = co_await access_.add_token(std::move(copy), {});
    co_return told(made);
  }

  Task<Result> remove(Call& call) {
    CO_TRY(const base::Uuid accessor, accessor_of(call));
    if (accessor == anonymous())
      co_return base::fail(base::Code::denied,
                           "Delete operation not permitted on the anonymous token");
    co_return deleted(co_await access_.delete_token(accessor));
  }

 private:
  static std::unexpected<base::Error> not_there() {
    return base::fail(base::Code::not_found, "Requested token does not exist: ACL not found");
  }

  static bool has_policy(const model::AclToken& token, const std::string& id) {
    if (token.is_management()) return id == management_policy_id;
    return std::ranges::any_of(token.policies,
                               [&](const std::string& name) { return policy_id(name) == id; });
  }

  static base::Result<base::Uuid> accessor_of(const Call& call) {
    const std::string& text = call.param("id");
    if (text == anonymous_name) return anonymous();
    const base::Result<base::Uuid> id = base::Uuid::parse(text);
    if (!id || id->is_nil()) return not_there();
    return *id;
  }

  Task<base::Status> make_those_of(const model::AclToken& token) {
    co_return co_await make_identities(*readers_.store.snapshot(), access_, token.policies);
  }

  Task<Result> change_to(Asked asked) {
    if (asked.token.accessor == anonymous()) co_return co_await change_anonymous(asked.token);
    const Token old = readers_.store.snapshot()->acl_token(asked.token.accessor);
    if (!old) co_return not_there();
    if (asked.token.name.empty()) asked.token.name = old->name;
    asked.token.global = old->global;
    const server::Access::TokenReply changed =
        co_await access_.change_token(std::move(asked.token));
    co_return told(changed);
  }

  /// The policy `anonymous` is always its own; what it has besides is kept under its accessor.
  Task<Result> change_anonymous(model::AclToken token) {
    if (token.is_management())
      co_return base::invalid("those who show no token cannot be given " +
                              std::string(management_policy));
    std::erase(token.policies, model::anonymous_policy);
    token.name = "Anonymous Token";
    const bool is_kept = readers_.store.snapshot()->acl_token(anonymous()) != nullptr;
    if (token.policies.empty() && token.roles.empty()) {
      if (is_kept) CO_TRY_VOID(co_await access_.delete_token(anonymous()));
    } else if (is_kept) {
      CO_TRY_VOID(co_await access_.change_token(std::move(token)));
    } else {
      token.accessor = anonymous();
      token.secret = {};
      CO_TRY_VOID(co_await access_.add_token(std::move(token), {}));
    }
    co_return json_answer(anonymous_json(*readers_.store.snapshot()));
  }

  base::Result<Asked> token_in(const Call& call) const {
    const state::Snapshot tables = readers_.store.snapshot();
    TRY(json::Object body, body_of(call));
    Members members(std::move(body));
    Asked asked;
    std::string accessor, secret, ends;
    bool is_local = false;
    TRY_VOID(members.text("AccessorID", accessor));
    TRY_VOID(members.text("SecretID", secret));
    TRY_VOID(members.text("Description", asked.token.name));
    TRY_VOID(members.flag("Local", is_local));
    TRY_VOID(members.duration("ExpirationTTL", asked.ttl));
    TRY_VOID(members.text("ExpirationTime", ends));
    TRY(asked.token.policies, policies_in(*tables, members.take("Policies")));
    TRY(asked.token.roles, roles_in(*tables, members.take("Roles")));
    TRY(std::vector<std::string> identities, identities_in(members, datacenter_));
    std::ranges::move(identities, std::back_inserter(asked.token.policies));
    if (const json::Value value = members.take("TemplatedPolicies");
        value.as_array() && !value.as_array()->empty())
      return base::fail(base::Code::unsupported,
                        "TemplatedPolicies are not built yet; policies, roles and identities are");
    if (accessor == anonymous_name) accessor = model::anonymous_accessor;
    TRY(asked.token.accessor, base::Uuid::parse(accessor));
    if (secret != anonymous_name) {
      TRY(asked.token.secret, base::Uuid::parse(secret));
    }
    asked.token.global = !is_local;
    if (!ends.empty()) {
      TRY(const base::Instant time, base::parse_rfc3339(ends));
      asked.ttl = time - readers_.clock.now();
    }
    if (std::ranges::find(asked.token.policies, management_policy) != asked.token.policies.end()) {
      asked.token.type = model::token_management;
      asked.token.policies.clear();
      asked.token.roles.clear();
    }
    return asked;
  }

  Result told(const server::Access::TokenReply& token) const {
    if (!token) return std::unexpected(token.error());
    return json_answer(shown(*readers_.store.snapshot(), **token));
  }

  Readers readers_;
  server::Access& access_;
  const std::string datacenter_;
};

}  // namespace

std::vector<Route> acl_token_routes(const Readers& readers, server::Access& access,
                                    std::string datacenter) {
  const auto page = std::make_shared<AclTokenPage>(readers, access, std::move(datacenter));
  const auto to = [&access, by = handlers_of(page)](auto method) {
    return while_on(access, by(method));
  };
  const Need manages = Capability::management;
  using P = AclTokenPage;
  return {{"PUT", "/v1/acl/bootstrap", Capability::anyone, to(&P::bootstrap)},
          {"GET", "/v1/acl/tokens", manages, to(&P::tokens)},
          {"PUT", "/v1/acl/token", manages, to(&P::add)},
          {"GET",
           "/v1/acl/token/self",
           {Capability::anyone, Scope::handler, "one's own"},
           to(&P::self)},
          {"PUT", "/v1/acl/token/:id/clone", manages, to(&P::clone)},
          {"GET", "/v1/acl/token/:id", manages, to(&P::token)},
          {"PUT", "/v1/acl/token/:id", manages, to(&P::change)},
          {"DELETE", "/v1/acl/token/:id", manages, to(&P::remove)}};
}

}  // namespace caravan::api::consul
