// SPDX-License-Identifier: Apache-2.0
#include "keyring/identity.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

namespace caravan::keyring {
namespace {

/// Clocks of servers may differ by this much.
constexpr std::int64_t clock_leeway_s = 10;
constexpr std::int64_t second_ns = 1'000'000'000;
/// Beyond it a token counts as one without an end: it is in the year 2262.
constexpr std::int64_t last_second = std::numeric_limits<std::int64_t>::max() / second_ns;

std::unexpected<base::Error> refused(std::string why) {
  return base::fail(base::Code::denied, "Workload identity refused: " + std::move(why));
}

/// The second that a claim names; nothing when it is missing or no whole number.
std::optional<std::int64_t> second_of(const json::Object& claims, std::string_view name) {
  const json::Value* value = claims.find(name);
  const std::int64_t* second = value ? value->as_int() : nullptr;
  if (!second) return {};
  return *second;
}

bool is_for_us(const json::Object& claims) {
  const json::Value* audience = claims.find("aud");
  const json::Array* list = audience ? audience->as_array() : nullptr;
  return list && std::ranges::find(*list, json::Value(model::identity_audience)) != list->end();
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

json::Object identity_claims(const Issuer& issuer, const model::Allocation& alloc,
                             const std::string& task, const model::WorkloadIdentity& identity,
                             base::Instant now, const base::Uuid& id) {
  const model::Job& job = *alloc.job;
  const std::string& job_id = job.parent_id.empty() ? job.id : job.parent_id;
  const std::int64_t now_s = now.seconds();
  json::Object claims{{"nomad_namespace", job.ns},
                      {"nomad_job_id", job_id},
                      {"nomad_allocation_id", alloc.id.to_string()},
                      {"nomad_task", task},
                      {"aud", json::Array(identity.audience.begin(), identity.audience.end())},
                      {"sub", fmt::format("{}:{}:{}:{}:{}:{}", issuer.region, job.ns, job_id,
                                          alloc.group, task, identity.name)},
                      {"jti", id.to_string()},
                      {"iat", now_s},
                      {"nbf", now_s}};
  if (identity.ttl > base::Duration(0)) claims["exp"] = now_s + identity.ttl.count() / second_ns;
  if (!issuer.url.empty()) claims["iss"] = issuer.url;
  return claims;
}

bool looks_like_identity(std::string_view text) { return text.find('.') != std::string_view::npos; }

base::Result<IdentityProof> prove_identity(const state::Tables& tables, std::string_view text) {
  const base::Result<crypto::Jwt> jwt = crypto::parse_jwt(text);
  if (!jwt) return refused(jwt.error().message);
  TRY_VOID(check_signature(tables, *jwt));
  const json::Object& claims = jwt->claims;
  if (!is_for_us(claims))
    return refused(fmt::format("its audience is not {}", model::identity_audience));
  IdentityProof proof;
  proof.end_s = second_of(claims, "exp");
  if (!proof.end_s && claims.contains("exp")) return refused("it has ended");
  const std::optional<std::int64_t> begin = second_of(claims, "nbf");
  if (!begin) return refused("it does not count yet");
  proof.begin_s = *begin;
  const base::Result<base::Uuid> id = base::Uuid::parse(claims.text_at("nomad_allocation_id"));
  proof.alloc = base::AllocId(id.value_or(base::Uuid()));
  proof.task = claims.text_at("nomad_task");
  proof.subject = claims.text_at("sub");
  return proof;
}

base::Result<VerifiedIdentity> stand_for(const state::Tables& tables, const IdentityProof& proof,
                                         base::Instant now) {
  const std::int64_t now_s = now.seconds();
  if (proof.end_s && *proof.end_s <= now_s - clock_leeway_s) return refused("it has ended");
  if (proof.begin_s > now_s + clock_leeway_s) return refused("it does not count yet");
  VerifiedIdentity whom;
  whom.task = proof.task;
  whom.subject = proof.subject;
  const std::int64_t end = proof.end_s.value_or(0);
  if (end <= last_second) whom.expires = base::Instant::from_seconds(end);
  whom.alloc = tables.alloc(proof.alloc);
  if (!whom.alloc || whom.alloc->client_terminal() ||
      !whom.alloc->task_group().find_task(whom.task))
    return refused("its allocation has ended");
  return whom;
}

base::Result<VerifiedIdentity> verify_identity(const state::Tables& tables, std::string_view text,
                                               base::Instant now) {
  TRY(const IdentityProof proof, prove_identity(tables, text));
  return stand_for(tables, proof, now);
}

}  // namespace caravan::keyring
