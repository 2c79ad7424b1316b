// SPDX-License-Identifier: Apache-2.0
// Whom somebody else may vouch for: an identity provider whose tokens are exchanged for tokens of
// ours. Fields and defaults are those of Nomad's public API (ACL auth methods).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "model/field.hpp"

namespace caravan::model {

inline constexpr const char* auth_oidc = "OIDC";
inline constexpr const char* auth_jwt = "JWT";
inline constexpr const char* locality_local = "local";
inline constexpr const char* locality_global = "global";
inline constexpr const char* token_name_format_default = "${auth_method_type}-${auth_method_name}";

struct AuthMethodConfig {
  // Where the provider's keys come from: of JWT methods one of three, of OIDC ones the last.
  std::vector<std::string> public_keys;  // PEM
  std::string jwks_url, jwks_ca;         // "": the authorities of the system
  std::string discovery_url;
  std::vector<std::string> discovery_ca;

  std::string client_id, client_secret;
  bool pkce = false, no_userinfo = false;
  std::vector<std::string> scopes;         // besides "openid"
  std::vector<std::string> redirect_uris;  // where a browser may be sent back to

  std::vector<std::string> audiences, issuers;  // a token needs one of each list that is not empty
  std::vector<std::string> algorithms;          // empty: RS256
  /// 0: the default; negative: none.
  base::Duration expiration_leeway{0}, not_before_leeway{0}, clock_skew_leeway{0};
  std::map<std::string, std::string> claims, list_claims;  // a claim, or a JSON pointer, to a name
  bool verbose = false;
  base::Unknown unknown;
  friend bool operator==(const AuthMethodConfig&, const AuthMethodConfig&) = default;
};
template <class V>
void fields(V& v, AuthMethodConfig& c) {
  v(1, "JWTValidationPubKeys", c.public_keys);
  v(2, "JWKSURL", c.jwks_url);
  v(3, "JWKSCACert", c.jwks_ca);
  v(4, "OIDCDiscoveryURL", c.discovery_url);
  v(5, "DiscoveryCaPem", c.discovery_ca);
  v(6, "OIDCClientID", c.client_id);
  v(7, "OIDCClientSecret", c.client_secret);
  v(8, "OIDCEnablePKCE", c.pkce);
  v(9, "OIDCDisableUserInfo", c.no_userinfo);
  v(10, "OIDCScopes", c.scopes);
  v(11, "AllowedRedirectURIs", c.redirect_uris);
  v(12, "BoundAudiences", c.audiences);
  v(13, "BoundIssuer", c.issuers);
  v(14, "SigningAlgs", c.algorithms);
  v(15, "ExpirationLeeway", c.expiration_leeway);
  v(16, "NotBeforeLeeway", c.not_before_leeway);
  v(17, "ClockSkewLeeway", c.clock_skew_leeway);
  v(18, "ClaimMappings", c.claims);
  v(19, "ListClaimMappings", c.list_claims);
  v(20, "VerboseLogging", c.verbose);
  v.unknown(c.unknown);
}

struct AuthMethod {
  std::string name, type;
  std::string token_locality = locality_local;
  std::string token_name_format = token_name_format_default;
  base::Duration max_token_ttl{0};  // of the tokens that it gives
  bool is_default = false;          // the one of its type that is meant where none is named
  AuthMethodConfig config;
  base::Instant create_time, modify_time;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;

  bool is_oidc() const { return type == auth_oidc; }
  friend bool operator==(const AuthMethod&, const AuthMethod&) = default;
};
template <class V>
void fields(V& v, AuthMethod& m) {
  v(1, "Name", m.name);
  v(2, "Type", m.type);
  v(3, "TokenLocality", m.token_locality);
  v(4, "TokenNameFormat", m.token_name_format);
  v(5, "MaxTokenTTL", m.max_token_ttl);
  v(6, "Default", m.is_default);
  v(7, "Config", m.config);
  v(8, "CreateTime", m.create_time);
  v(9, "ModifyTime", m.modify_time);
  v(10, "CreateIndex", m.create_index);
  v(11, "ModifyIndex", m.modify_index);
  v.unknown(m.unknown);
}

/// What is wrong with it, "" when nothing is. Whether its keys and URLs can be read is for `acl`.
std::string complaint(const AuthMethod& method);

}  // namespace caravan::model
