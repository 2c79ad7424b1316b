// SPDX-License-Identifier: Apache-2.0
#include "cli/auth_view.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/acl_view.hpp"
#include "cli/format.hpp"

namespace caravan::cli {
namespace {

std::string or_none(std::string text) { return text.empty() ? "<none>" : text; }

std::string number(const json::Value& object, const char* name) {
  return fmt::format("{}", integer(object, name));
}

std::string listed(const json::Value& config, const char* name) {
  return or_none(base::join(texts(config.at(name)), ","));
}

/// "{claim: name}; {claim: name}".
std::string mappings(const json::Value& map) {
  std::string shown;
  for (const json::Member* member : sorted_members(map))
    shown += fmt::format("{}{{{}: {}}}", shown.empty() ? "" : "; ", member->name,
                         text(map, member->name));
  return or_none(shown);
}

}  // namespace

std::string auth_method_view(const json::Value& method) {
  const json::Value& config = method.at("Config");
  const std::string head = key_values({{"Name", text(method, "Name")},
                                       {"Type", text(method, "Type")},
                                       {"Locality", text(method, "TokenLocality")},
                                       {"Max Token TTL", text(method, "MaxTokenTTL")},
                                       {"Token Name Format", text(method, "TokenNameFormat")},
                                       {"Default", yes_no(boolean(method, "Default"))},
                                       {"Create Index", number(method, "CreateIndex")},
                                       {"Modify Index", number(method, "ModifyIndex")}});
  const std::string keys = fmt::format("{}", list(config, "JWTValidationPubKeys").size());
  return head + "\n\nAuth Method Config\n\n" +
         key_values(
             {{"JWT Validation Public Keys", keys == "0" ? "<none>" : keys},
              {"JWKS URL", or_none(text(config, "JWKSURL"))},
              {"JWKS CA Cert", text(config, "JWKSCACert").empty() ? "<none>" : "<set>"},
              {"OIDC Discovery URL", or_none(text(config, "OIDCDiscoveryURL"))},
              {"OIDC Client ID", or_none(text(config, "OIDCClientID"))},
              {"OIDC Client Secret", or_none(text(config, "OIDCClientSecret"))},
              {"OIDC Enable PKCE", yes_no(boolean(config, "OIDCEnablePKCE"))},
              {"OIDC Disable UserInfo", yes_no(boolean(config, "OIDCDisableUserInfo"))},
              {"OIDC Scopes", listed(config, "OIDCScopes")},
              {"Bound issuer", listed(config, "BoundIssuer")},
              {"Bound audiences", listed(config, "BoundAudiences")},
              {"Allowed redirects URIs", listed(config, "AllowedRedirectURIs")},
              {"Discovery CA pem", list(config, "DiscoveryCaPem").empty() ? "<none>" : "<set>"},
              {"Signing algorithms", listed(config, "SigningAlgs")},
              {"Expiration Leeway", text(config, "ExpirationLeeway")},
              {"NotBefore Leeway", text(config, "NotBeforeLeeway")},
              {"ClockSkew Leeway", text(config, "ClockSkewLeeway")},
              {"Claim mappings", mappings(config.at("ClaimMappings"))},
              {"List claim mappings", mappings(config.at("ListClaimMappings"))}});
}

std::string binding_rule_view(const json::Value& rule) {
  return key_values({{"ID", text(rule, "ID")},
                     {"Description", or_none(text(rule, "Description"))},
                     {"Auth Method", text(rule, "AuthMethod")},
                     {"Selector", fmt::format("\"{}\"", text(rule, "Selector"))},
                     {"Bind Type", text(rule, "BindType")},
                     {"Bind Name", or_none(text(rule, "BindName"))},
                     {"Create Time", utc_time(text(rule, "CreateTime"))},
                     {"Modify Time", utc_time(text(rule, "ModifyTime"))},
                     {"Create Index", number(rule, "CreateIndex")},
                     {"Modify Index", number(rule, "ModifyIndex")}});
}

}  // namespace caravan::cli
