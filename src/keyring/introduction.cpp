// SPDX-License-Identifier: Apache-2.0
#include "keyring/introduction.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "model/identity.hpp"

namespace caravan::keyring {
namespace {

constexpr std::string_view kind = "node-introduction:";
/// Clocks of servers may differ by this much.
constexpr std::int64_t clock_leeway_s = 10;
constexpr std::int64_t second_ns = 1'000'000'000;

std::unexpected<base::Error> refused(std::string why) {
  return base::fail(base::Code::denied, "introduction refused: " + std::move(why));
}

std::int64_t second_of(const json::Object& claims, std::string_view name, std::int64_t otherwise) {
  const json::Value* value = claims.find(name);
  const std::int64_t* second = value ? value->as_int() : nullptr;
  return second ? *second : otherwise;
}

base::Status check_signature(const state::Tables& tables, const crypto::Jwt& jwt) {
  const base::Result<base::Uuid> id = base::Uuid::parse(jwt.key_id);
  const state::Ref<wire::RootKey>* key = id ? tables.root_keys.find(*id) : nullptr;
  if (!key) return refused("it is not signed by a key of this cluster");
  TRY(const crypto::SigningKey signer, crypto::SigningKey::from_public_pem((*key)->public_pem));
  if (!jwt.is_signed_by(signer)) return refused("its signature is wrong");
  return {};
}

}  // namespace

json::Object introduction_claims(const Issuer& issuer, const Introduction& introduction,
                                 base::Duration ttl, base::Instant now, const base::Uuid& id) {
  const std::int64_t now_s = now.seconds();
  json::Object claims{{"aud", model::identity_audience},
                      {"exp", now_s + ttl.count() / second_ns},
                      {"iat", now_s},
                      {"jti", id.to_string()},
                      {"nbf", now_s},
                      {"nomad_node_name", introduction.node_name},
                      {"nomad_node_pool", introduction.node_pool},
                      {"sub", fmt::format("{}{}:{}:{}:default", kind, issuer.region,
                                          introduction.node_pool, introduction.node_name)}};
  if (!issuer.url.empty()) claims["iss"] = issuer.url;
  return claims;
}

base::Status check_introduction(const state::Tables& tables, std::string_view text,
                                const Introduction& wanted, base::Instant now) {
  if (text.empty()) return refused("the node brings no introduction token");
  const base::Result<crypto::Jwt> jwt = crypto::parse_jwt(text);
  if (!jwt) return refused(jwt.error().message);
  TRY_VOID(check_signature(tables, *jwt));
  const json::Object& claims = jwt->claims;
  if (claims.text_at("aud") != model::identity_audience ||
      !claims.text_at("sub").starts_with(kind))
    return refused("it is no introduction token");
  const std::int64_t now_s = now.seconds();
  if (second_of(claims, "exp", 0) <= now_s - clock_leeway_s) return refused("it has ended");
  if (second_of(claims, "nbf", now_s) > now_s + clock_leeway_s)
    return refused("it does not count yet");
  const std::string name = claims.text_at("nomad_node_name");
  if (!name.empty() && name != wanted.node_name)
    return refused(fmt::format("it is for the node \"{}\"", base::printable(name, 128)));
  const std::string pool = claims.text_at("nomad_node_pool");
  if (pool != wanted.node_pool)
    return refused(fmt::format("it is for the pool \"{}\"", base::printable(pool, 128)));
  return {};
}

}  // namespace caravan::keyring
