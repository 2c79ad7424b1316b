// SPDX-License-Identifier: Apache-2.0
#include "acl/external_token.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/core.h>

#include "base/text.hpp"
#include "crypto/certificate.hpp"

namespace caravan::acl {
namespace {

using namespace std::chrono_literals;

/// What the public documentation gives where a leeway is 0.
constexpr base::Duration clock_skew_default = 60s, missing_time_default = 150s;
constexpr std::int64_t second_ns = 1'000'000'000;
/// Times beyond it are those of no token: it is in the year 2262.
constexpr std::int64_t last_second = std::numeric_limits<std::int64_t>::max() / second_ns - 86'400;

std::unexpected<base::Error> refused(std::string why) {
  return base::fail(base::Code::denied, "token refused: " + std::move(why));
}

base::Duration leeway(base::Duration given, base::Duration otherwise) {
  if (given == base::Duration(0)) return otherwise;
  return std::max(given, base::Duration(0));
}

std::string text_of(const json::Object& claims, std::string_view name) {
  const json::Value* value = claims.find(name);
  const std::string* text = value ? value->as_string() : nullptr;
  return text ? *text : "";
}

/// Nothing when it is not there. Errors: denied (no number, or one beyond all time).
base::Result<std::optional<base::Instant>> time_of(const json::Object& claims,
                                                   std::string_view name) {
  const json::Value* value = claims.find(name);
  if (!value || value->is_null()) return std::nullopt;
  if (!value->is_number() || !(value->number() >= 0) ||
      value->number() > static_cast<double>(last_second))
    return refused(fmt::format("its \"{}\" is no time", name));
  return base::Instant::from_seconds(static_cast<std::int64_t>(value->number()));
}

base::Status check_times(const model::AuthMethodConfig& config, const json::Object& claims,
                         base::Instant now) {
  TRY(std::optional<base::Instant> end, time_of(claims, "exp"));
  TRY(std::optional<base::Instant> begin, time_of(claims, "nbf"));
  TRY(const std::optional<base::Instant> issued, time_of(claims, "iat"));
  if (!end && !begin && !issued) return refused("it has none of \"exp\", \"nbf\" and \"iat\"");
  const base::Duration skew = leeway(config.clock_skew_leeway, clock_skew_default);
  base::Duration after = leeway(config.expiration_leeway, 0s);
  if (!end) {
    end = std::max(begin.value_or(base::Instant()), issued.value_or(base::Instant()));
    after = leeway(config.expiration_leeway, missing_time_default);
  }
  // An end alone says nothing of a beginning: a token for a year is no less valid today.
  if (!begin) begin = issued;
  if (*end + skew + after <= now)
    return refused(fmt::format("it has ended at {}", base::format_rfc3339(*end)));
  if (begin && *begin - skew - leeway(config.not_before_leeway, 0s) > now)
    return refused(fmt::format("it does not count before {}", base::format_rfc3339(*begin)));
  return {};
}

std::vector<std::string> audiences_of(const json::Object& claims) {
  std::vector<std::string> list;
  const json::Value* audience = claims.find("aud");
  if (!audience) return list;
  if (const std::string* one = audience->as_string()) list.push_back(*one);
  if (const json::Array* many = audience->as_array())
    for (const json::Value& each : *many)
      if (const std::string* one = each.as_string()) list.push_back(*one);
  return list;
}

bool has_one_of(const std::vector<std::string>& list, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(
      wanted, [&](const std::string& one) { return std::ranges::find(list, one) != list.end(); });
}

base::Status check_audience(const model::AuthMethodConfig& config, const Expected& expected,
                            const json::Object& claims) {
  const std::vector<std::string> audiences = audiences_of(claims);
  const auto wrong = [&](const std::vector<std::string>& wanted) {
    return refused(fmt::format("it is for \"{}\", and accepted is \"{}\"",
                               base::printable(base::join(audiences, ", "), 256),
                               base::printable(base::join(wanted, ", "), 256)));
  };
  if (!config.audiences.empty() && !has_one_of(audiences, config.audiences))
    return wrong(config.audiences);
  if (expected.audience.empty()) return {};
  if (!has_one_of(audiences, {expected.audience})) return wrong({expected.audience});
  // One for several says to which of them it was given (OpenID Connect Core, 3.1.3.7).
  const std::string party = text_of(claims, "azp");
  if (!party.empty() && party != expected.audience)
    return refused("it was given to another party (azp)");
  return {};
}

base::Status check_issuer(const model::AuthMethodConfig& config, const Expected& expected,
                          const json::Object& claims) {
  const std::string issuer = text_of(claims, "iss");
  const bool is_bound =
      config.issuers.empty() || std::ranges::find(config.issuers, issuer) != config.issuers.end();
  if (is_bound && (expected.issuer.empty() || issuer == expected.issuer)) return {};
  return refused(fmt::format("its issuer \"{}\" is not accepted", base::printable(issuer, 256)));
}

}  // namespace

std::vector<std::string> accepted_algorithms(const model::AuthMethodConfig& config) {
  return config.algorithms.empty() ? std::vector<std::string>{"RS256"} : config.algorithms;
}

base::Result<json::Object> check_external_token(const model::AuthMethod& method,
                                                const Expected& expected,
                                                const crypto::KeySet& keys, std::string_view token,
                                                base::Instant now) {
  const base::Result<crypto::Jwt> jwt = crypto::parse_jwt(token);
  if (!jwt) return refused(jwt.error().message);
  const model::AuthMethodConfig& config = method.config;
  if (const base::Status signed_ = keys.check(*jwt, accepted_algorithms(config)); !signed_)
    return refused(signed_.error().message);
  const json::Object& claims = jwt->claims;
  TRY_VOID(check_issuer(config, expected, claims));
  TRY_VOID(check_audience(config, expected, claims));
  TRY_VOID(check_times(config, claims, now));
  if (!expected.nonce.empty() && text_of(claims, "nonce") != expected.nonce)
    return refused("it is not of the login that was begun (nonce)");
  return claims;
}

std::string unreadable_keys(const model::AuthMethodConfig& config) {
  if (const auto keys = crypto::KeySet::from_pems(config.public_keys); !keys)
    return "Config.JWTValidationPubKeys: " + keys.error().message;
  std::vector<std::string> authorities = config.discovery_ca;
  if (!config.jwks_ca.empty()) authorities.push_back(config.jwks_ca);
  for (const std::string& pem : authorities)
    if (const auto facts = crypto::read_certificate(pem); !facts)
      return "Config.DiscoveryCaPem, Config.JWKSCACert: " + facts.error().message;
  return "";
}

}  // namespace caravan::acl
