// SPDX-License-Identifier: Apache-2.0
#include "model/auth_method.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/text.hpp"
#include "model/binding_rule.hpp"

namespace caravan::model {
namespace {

constexpr std::size_t name_max = 128, text_max = 256, url_max = 2048;
constexpr std::size_t list_max = 64;                // keys, URIs, claims and so on
constexpr std::size_t config_bytes_max = 64 << 10;  // of all its texts together
constexpr std::size_t selector_max = 8 << 10;
constexpr base::Duration leeway_max = std::chrono::hours(24);
constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
/// What can be verified by a public key: never HS256, whose key would be no secret, and never
/// "none".
constexpr std::array<std::string_view, 10> algorithms_known = {
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};

/// Texts and their number, so that a method stays small enough for each login to read it.
class Size {
 public:
  void text(const std::string& text) { bytes_ += text.size(); }
  void list(const std::vector<std::string>& list) {
    longest_ = std::max(longest_, list.size());
    for (const std::string& each : list)
      text(each);
  }
  void map(const std::map<std::string, std::string>& map) {
    longest_ = std::max(longest_, map.size());
    for (const auto& [key, value] : map)
      bytes_ += key.size() + value.size();
  }
  bool is_too_large() const { return bytes_ > config_bytes_max || longest_ > list_max; }

 private:
  std::size_t bytes_ = 0, longest_ = 0;
};

bool is_too_large(const AuthMethodConfig& c) {
  Size size;
  for (const std::string* text :
       {&c.jwks_url, &c.jwks_ca, &c.discovery_url, &c.client_id, &c.client_secret})
    size.text(*text);
  for (const auto* list : {&c.public_keys, &c.discovery_ca, &c.scopes, &c.redirect_uris,
                           &c.audiences, &c.issuers, &c.algorithms})
    size.list(*list);
  size.map(c.claims);
  size.map(c.list_claims);
  return size.is_too_large();
}

bool is_web(const std::string& url) {
  return url.size() <= url_max && (url.starts_with("https://") || url.starts_with("http://"));
}

std::string wrong_url(const char* what, const std::string& url) {
  if (url.empty() || is_web(url)) return "";
  return fmt::format("Config.{}: '{}' is not an http or https URL of at most {} bytes", what,
                     base::printable(url, 128), url_max);
}

std::string wrong_sources(const AuthMethod& method) {
  const AuthMethodConfig& c = method.config;
  if (method.is_oidc()) {
    if (c.discovery_url.empty()) return "Config.OIDCDiscoveryURL: missing";
    if (c.client_id.empty()) return "Config.OIDCClientID: missing";
    if (c.redirect_uris.empty()) return "Config.AllowedRedirectURIs: missing";
    if (!c.jwks_url.empty() || !c.public_keys.empty())
      return "Config: JWKSURL and JWTValidationPubKeys are of JWT methods, not of OIDC ones";
    return "";
  }
  const int sources =
      int{!c.public_keys.empty()} + int{!c.jwks_url.empty()} + int{!c.discovery_url.empty()};
  if (sources == 1) return "";
  return "Config: exactly one of JWKSURL, JWTValidationPubKeys and OIDCDiscoveryURL is needed";
}

std::string wrong_algorithm(const AuthMethodConfig& c) {
  for (const std::string& name : c.algorithms)
    if (std::ranges::find(algorithms_known, name) == algorithms_known.end())
      return fmt::format("Config.SigningAlgs: '{}' is none of RS, PS or ES 256, 384 or 512, EdDSA",
                         base::printable(name, 32));
  return "";
}

std::string wrong_config(const AuthMethod& method) {
  const AuthMethodConfig& c = method.config;
  if (is_too_large(c))
    return fmt::format("Config: more than {} bytes, or more than {} of one thing", config_bytes_max,
                       list_max);
  for (const std::string& wrong :
       {wrong_sources(method), wrong_url("JWKSURL", c.jwks_url),
        wrong_url("OIDCDiscoveryURL", c.discovery_url), wrong_algorithm(c)})
    if (!wrong.empty()) return wrong;
  for (const base::Duration leeway :
       {c.expiration_leeway, c.not_before_leeway, c.clock_skew_leeway})
    if (leeway > leeway_max)
      return fmt::format("Config: a leeway of {} is more than {}", base::format_duration(leeway),
                         base::format_duration(leeway_max));
  for (const auto* map : {&c.claims, &c.list_claims})
    for (const auto& [claim, name] : *map)
      if (claim.empty() || name.empty())
        return "Config: claim mappings need a claim and a name on both sides";
  return "";
}

}  // namespace

std::string complaint(const AuthMethod& method) {
  if (method.name.empty() || method.name.size() > name_max ||
      method.name.find_first_not_of(name_characters) != std::string::npos)
    return fmt::format("invalid name '{}': 1 to {} letters, digits and dashes",
                       base::printable(method.name, name_max), name_max);
  if (method.type != auth_oidc && method.type != auth_jwt)
    return fmt::format("invalid token type '{}': must be OIDC or JWT",
                       base::printable(method.type, 32));
  if (method.token_locality != locality_local && method.token_locality != locality_global)
    return fmt::format("invalid token locality '{}': must be local or global",
                       base::printable(method.token_locality, 32));
  if (method.token_name_format.empty() || method.token_name_format.size() > text_max)
    return fmt::format("TokenNameFormat: its length is outside 1..{}", text_max);
  return wrong_config(method);
}

std::string complaint(const BindingRule& rule) {
  if (rule.auth_method.empty()) return "auth method is missing";
  if (rule.description.size() > text_max)
    return fmt::format("description: its length {} is more than {}", rule.description.size(),
                       text_max);
  if (rule.selector.size() > selector_max)
    return fmt::format("selector: its length {} is more than {}", rule.selector.size(),
                       selector_max);
  if (rule.bind_type == bind_management)
    return rule.bind_name.empty() ? "" : "bind name must be empty where management is bound";
  if (rule.bind_type != bind_role && rule.bind_type != bind_policy)
    return fmt::format("bind type '{}' must be role, policy or management",
                       base::printable(rule.bind_type, 32));
  if (rule.bind_name.empty() || rule.bind_name.size() > text_max)
    return fmt::format("bind name: its length is outside 1..{}", text_max);
  return "";
}

}  // namespace caravan::model
