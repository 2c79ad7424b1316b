// SPDX-License-Identifier: Apache-2.0
#include "server/logins.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "acl/binding.hpp"
#include "acl/external_token.hpp"
#include "base/text.hpp"
#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "io/random_bytes.hpp"
#include "io/task.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

/// How long somebody may take to log in with the provider.
constexpr base::Duration login_time = 10min;
constexpr std::size_t verifier_bytes = 32;
constexpr std::size_t nonce_min = 8, nonce_max = 256;
constexpr std::size_t code_max = 8 << 10, state_max = 8 << 10;
constexpr std::size_t key_id_bytes = 16;
/// What the state is bound to: it opens for nothing else.
constexpr std::string_view state_bound = "oidc login";

std::unexpected<base::Error> denied(std::string why) {
  return base::fail(base::Code::denied, std::move(why));
}

std::string names_of(const json::Object& claims) {
  std::vector<std::string> names;
  for (const json::Member& member : claims)
    names.push_back(base::printable(member.name, 64));
  return base::join(names, ",");
}

}  // namespace

base::Result<state::Ref<model::AuthMethod>> Logins::method_of(const std::string& name,
                                                              const char* type) const {
  if (name.empty()) return base::invalid("missing auth method name");
  const state::Ref<model::AuthMethod> method = store_.snapshot()->auth_method(name);
  if (!method)
    return base::fail(base::Code::not_found,
                      fmt::format("auth-method \"{}\" not found", base::printable(name, 128)));
  if (method->type != type)
    return base::invalid(fmt::format("auth-method \"{}\" is of type {}, not {}",
                                     base::printable(name, 128), method->type, type));
  return method;
}

io::Task<Access::TokenReply> Logins::log_in(std::string method_name, std::string token) {
  CO_TRY(const state::Ref<model::AuthMethod> method, method_of(method_name, model::auth_jwt));
  if (token.empty()) co_return base::invalid("missing login token");
  // Who sends no token at all does not make us ask anybody.
  const base::Result<crypto::Jwt> jwt = crypto::parse_jwt(token);
  if (!jwt) co_return denied("token refused: " + jwt.error().message);
  CO_TRY(const std::shared_ptr<const Provider> provider, co_await providers_.find(method, &*jwt));
  acl::Expected expected;
  expected.issuer = provider->issuer;
  base::Result<json::Object> claims =
      acl::check_external_token(*method, expected, provider->keys, token, world_.clock.now());
  if (!claims) {
    log_.info("login refused", {{"method", method->name}, {"why", claims.error().message}});
    co_return std::unexpected(claims.error());
  }
  co_return co_await grant(method, *std::move(claims));
}

base::Result<std::string> Logins::seal(const BegunLogin& login) const {
  TRY(const keyring::Box box,
      ring_.seal(*store_.snapshot(), login.to_json(), state_bound,
                 io::random_bytes(world_.random, crypto::aead_nonce_bytes)));
  const std::string id(reinterpret_cast<const char*>(box.key_id.bytes.data()), key_id_bytes);
  return base::base64url_encode(id + box.bytes);
}

base::Result<BegunLogin> Logins::open(const LoginEnd& end) const {
  constexpr const char* not_ours = "the state is not of a login that was begun here";
  if (end.state.size() > state_max) return denied(not_ours);
  const base::Result<std::string> bytes = crypto::base64url_decode(end.state);
  if (!bytes || bytes->size() < key_id_bytes) return denied(not_ours);
  base::Uuid id;
  std::copy_n(bytes->begin(), key_id_bytes, id.bytes.begin());
  const base::Result<std::string> plain = ring_.open(
      *store_.snapshot(), id, std::string_view(*bytes).substr(key_id_bytes), state_bound);
  if (!plain) return denied(not_ours);
  TRY(BegunLogin login, BegunLogin::from_json(*plain));
  if (login.ends <= world_.clock.now())
    return denied(fmt::format("the login took longer than {}: begin again",
                              base::format_duration(login_time)));
  const bool is_same = login.method == end.method && login.redirect_uri == end.redirect_uri &&
                       crypto::same_secret(login.nonce, end.nonce);
  if (!is_same)
    return denied("the method, redirect URI or client nonce is not that of the login's begin");
  return login;
}

io::Task<base::Result<std::string>> Logins::begin(LoginStart start) {
  CO_TRY(const state::Ref<model::AuthMethod> method, method_of(start.method, model::auth_oidc));
  const std::vector<std::string>& allowed = method->config.redirect_uris;
  if (std::ranges::find(allowed, start.redirect_uri) == allowed.end())
    co_return base::invalid(
        fmt::format("unauthorized redirect_uri: \"{}\" is not one of the method's",
                    base::printable(start.redirect_uri, 256)));
  if (start.nonce.size() < nonce_min || start.nonce.size() > nonce_max)
    co_return base::invalid(
        fmt::format("ClientNonce: its length is outside {}..{}", nonce_min, nonce_max));
  CO_TRY(const std::shared_ptr<const Provider> provider, co_await providers_.find(method, nullptr));
  if (provider->authorization_endpoint.empty() || provider->token_endpoint.empty())
    co_return base::fail(base::Code::io, "the provider names no authorization or token endpoint");
  const std::string verifier = io::random_bytes(world_.random, verifier_bytes);
  BegunLogin login;
  login.method = start.method;
  login.redirect_uri = start.redirect_uri;
  login.nonce = start.nonce;
  login.verifier = base::base64url_encode(verifier);
  login.ends = world_.clock.now() + login_time;
  CO_TRY(const std::string state, seal(login));
  co_return authorization_url(*provider, method->config, login, state);
}

io::Task<Access::TokenReply> Logins::complete(LoginEnd end) {
  CO_TRY(const state::Ref<model::AuthMethod> method, method_of(end.method, model::auth_oidc));
  if (end.code.empty() || end.code.size() > code_max)
    co_return base::invalid(fmt::format("Code: its length is outside 1..{}", code_max));
  CO_TRY(BegunLogin login, open(end));
  CO_TRY(const std::shared_ptr<const Provider> provider, co_await providers_.find(method, nullptr));
  if (!end.issuer.empty() && end.issuer != provider->issuer)
    co_return denied("the answer came from another issuer (iss)");
  base::Result<json::Object> claims =
      co_await exchange(method, provider, std::move(login), std::move(end.code));
  if (!claims) {
    log_.info("login refused", {{"method", method->name}, {"why", claims.error().message}});
    co_return std::unexpected(claims.error());
  }
  co_return co_await grant(method, *std::move(claims));
}

io::Task<base::Result<json::Object>> Logins::exchange(state::Ref<model::AuthMethod> method,
                                                      std::shared_ptr<const Provider> provider,
                                                      BegunLogin login, std::string code) {
  http::Request request = token_request(*provider, method->config, login, code);
  CO_TRY(const json::Object tokens,
         co_await providers_.ask(provider->tls, provider->token_endpoint, std::move(request)));
  const std::string token = tokens.text_at("id_token");
  if (token.empty()) co_return denied("the provider gave no id_token");
  // The provider may sign with a key that it has only now.
  const base::Result<crypto::Jwt> jwt = crypto::parse_jwt(token);
  if (!jwt) co_return denied("token refused: " + jwt.error().message);
  CO_TRY(const std::shared_ptr<const Provider> newest, co_await providers_.find(method, &*jwt));
  const acl::Expected expected{newest->issuer, method->config.client_id, login.nonce};
  CO_TRY(json::Object claims,
         acl::check_external_token(*method, expected, newest->keys, token, world_.clock.now()));
  const std::string access_token = tokens.text_at("access_token");
  if (method->config.no_userinfo || newest->userinfo_endpoint.empty() || access_token.empty())
    co_return claims;
  http::Request asking = userinfo_request(access_token);
  CO_TRY(const json::Object info,
         co_await providers_.ask(newest->tls, newest->userinfo_endpoint, std::move(asking)));
  co_return with_userinfo(std::move(claims), info);
}

io::Task<Access::TokenReply> Logins::grant(state::Ref<model::AuthMethod> method,
                                           json::Object claims) {
  if (method->config.verbose)
    log_.info("claims of a login", {{"method", method->name}, {"claims", names_of(claims)}});
  CO_TRY(const acl::Attributes attributes, acl::map_claims(method->config, claims));
  if (prepare_) {
    auto policies = acl::policies_to_bind(*store_.snapshot(), *method, attributes);
    CO_TRY_VOID(co_await prepare_(std::move(policies)));
  }
  const base::Result<acl::Bound> bound = acl::bind(*store_.snapshot(), *method, attributes);
  if (!bound) {
    log_.info("login refused", {{"method", method->name}, {"why", bound.error().message}});
    co_return std::unexpected(bound.error());
  }
  model::AclToken token = acl::token_for(*method, attributes, *bound);
  co_return co_await access_.add_token(std::move(token), method->max_token_ttl);
}

}  // namespace caravan::server
