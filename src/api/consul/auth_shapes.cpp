// SPDX-License-Identifier: Apache-2.0
#include "api/consul/auth_shapes.hpp"

#include <fmt/core.h>

#include "api/consul/acl_identities.hpp"
#include "api/consul/acl_shapes.hpp"
#include "base/text.hpp"

namespace caravan::api::consul {
namespace {

constexpr const char* jwt_type = "jwt";

/// One text for the registry's clients; the other door may have made a list of it.
base::Status one_or_list(Members& members, const std::string& name,
                         std::vector<std::string>& into) {
  json::Value value = members.take(name);
  if (const std::string* one = value.as_string()) value = json::Array{*one};
  Members listed(json::Object{{name, std::move(value)}});
  return listed.list(name, into);
}
json::Value one_or_list(const std::vector<std::string>& list) {
  if (list.size() == 1) return list[0];
  return json::Array(list.begin(), list.end());
}

base::Result<model::AuthMethodConfig> config_in(json::Value value) {
  model::AuthMethodConfig c;
  TRY(json::Object object, object_in("Config", std::move(value)));
  Members members(std::move(object));
  TRY_VOID(members.list("JWTValidationPubKeys", c.public_keys));
  TRY_VOID(members.text("JWKSURL", c.jwks_url));
  TRY_VOID(members.text("JWKSCACert", c.jwks_ca));
  TRY_VOID(members.text("OIDCDiscoveryURL", c.discovery_url));
  TRY_VOID(one_or_list(members, "OIDCDiscoveryCACert", c.discovery_ca));
  TRY_VOID(members.list("BoundAudiences", c.audiences));
  TRY_VOID(one_or_list(members, "BoundIssuer", c.issuers));
  TRY_VOID(members.list("JWTSupportedAlgs", c.algorithms));
  TRY_VOID(members.duration("ExpirationLeeway", c.expiration_leeway));
  TRY_VOID(members.duration("NotBeforeLeeway", c.not_before_leeway));
  TRY_VOID(members.duration("ClockSkewLeeway", c.clock_skew_leeway));
  TRY_VOID(members.map("ClaimMappings", c.claims));
  TRY_VOID(members.map("ListClaimMappings", c.list_claims));
  TRY_VOID(nothing_left(members));
  return c;
}

json::Array texts(const std::vector<std::string>& list) {
  return json::Array(list.begin(), list.end());
}
json::Object texts(const std::map<std::string, std::string>& map) {
  json::Object object;
  for (const auto& [name, value] : map)
    object[name] = value;
  return object;
}

json::Object config_json(const model::AuthMethodConfig& c) {
  json::Object shown;
  const auto add = [&](const char* name, auto value) {
    if (!value.empty()) shown[name] = std::move(value);
  };
  add("JWTValidationPubKeys", texts(c.public_keys));
  add("JWKSURL", c.jwks_url);
  add("JWKSCACert", c.jwks_ca);
  add("OIDCDiscoveryURL", c.discovery_url);
  add("BoundAudiences", texts(c.audiences));
  add("JWTSupportedAlgs", texts(c.algorithms));
  add("ClaimMappings", texts(c.claims));
  add("ListClaimMappings", texts(c.list_claims));
  if (!c.discovery_ca.empty()) shown["OIDCDiscoveryCACert"] = one_or_list(c.discovery_ca);
  if (!c.issuers.empty()) shown["BoundIssuer"] = one_or_list(c.issuers);
  for (const auto& [name, leeway] : {std::pair("ExpirationLeeway", c.expiration_leeway),
                                     std::pair("NotBeforeLeeway", c.not_before_leeway),
                                     std::pair("ClockSkewLeeway", c.clock_skew_leeway)})
    if (leeway.count() != 0) shown[name] = base::format_duration(leeway);
  return shown;
}

}  // namespace

base::Result<model::AuthMethod> auth_method_in(json::Object body, model::AuthMethod before) {
  Members members(std::move(body));
  model::AuthMethod method = std::move(before);
  std::string type = base::to_lower(method.type), display_name, description;
  TRY_VOID(members.text("Name", method.name));
  TRY_VOID(members.text("Type", type));
  TRY_VOID(members.text("DisplayName", display_name));
  TRY_VOID(members.text("Description", description));
  TRY_VOID(members.duration("MaxTokenTTL", method.max_token_ttl));
  TRY_VOID(members.text("TokenLocality", method.token_locality));
  if (type.empty()) return base::invalid("Invalid Auth Method: Type is missing");
  if (type != jwt_type)
    return base::fail(base::Code::unsupported,
                      fmt::format("Invalid Auth Method: Type \"{}\": only {} is built",
                                  base::printable(type, 32), jwt_type));
  if (!display_name.empty() || !description.empty())
    return base::fail(base::Code::unsupported,
                      "Invalid Auth Method: DisplayName and Description are not kept yet: leave "
                      "them out");
  const bool is_verbose = method.config.verbose;
  TRY(method.config, config_in(members.take("Config")));
  method.config.verbose = is_verbose;
  TRY_VOID(nothing_left(members));
  // One of the other door goes on to name its tokens as it did.
  if (method.type.empty()) method.token_name_format = login_description;
  method.type = model::auth_jwt;
  if (method.token_locality.empty()) method.token_locality = model::locality_local;
  return method;
}

json::Object auth_method_row(const model::AuthMethod& method) {
  return {{"Name", method.name},
          {"Type", base::to_lower(method.type)},
          {"MaxTokenTTL", base::format_duration(method.max_token_ttl)},
          {"TokenLocality", method.token_locality},
          {"CreateIndex", method.create_index},
          {"ModifyIndex", method.modify_index}};
}

json::Object auth_method_json(const model::AuthMethod& method) {
  json::Object shown = auth_method_row(method);
  shown["Config"] = config_json(method.config);
  return shown;
}

base::Result<model::BindingRule> binding_rule_in(json::Object body, model::BindingRule before,
                                                 const std::string& datacenter) {
  Members members(std::move(body));
  model::BindingRule rule = std::move(before);
  const json::Object old = binding_rule_json(rule);
  std::string type = old.text_at("BindType"), name = old.text_at("BindName");
  (void)members.take("ID");
  TRY_VOID(members.text("Description", rule.description));
  TRY_VOID(members.text("AuthMethod", rule.auth_method));
  TRY_VOID(members.text("Selector", rule.selector));
  TRY_VOID(members.text("BindType", type));
  TRY_VOID(members.text("BindName", name));
  TRY_VOID(nothing_left(members));
  rule.bind_type = type;
  rule.bind_name = name;
  if (type == model::bind_policy && name == management_policy) {
    rule.bind_type = model::bind_management;
    rule.bind_name.clear();
  } else if (type == "service" || type == "node") {
    rule.bind_type = model::bind_policy;
    TRY(rule.bind_name, identity_to_bind(type, name, datacenter));
  } else if (type != model::bind_policy && type != model::bind_role) {
    return base::invalid(
        fmt::format("Invalid Binding Rule: BindType \"{}\": service, node, role and policy are "
                    "known",
                    base::printable(type, 32)));
  }
  return rule;
}

json::Object binding_rule_json(const model::BindingRule& rule) {
  std::string type = rule.bind_type, name = rule.bind_name;
  if (type == model::bind_management) {
    type = model::bind_policy;
    name = management_policy;
  } else if (type == model::bind_policy) {
    if (const BoundIdentity bound = bound_identity(name); !bound.type.empty()) {
      type = bound.type;
      name = bound.name;
    }
  }
  return {{"ID", rule.id.to_string()},        {"Description", rule.description},
          {"AuthMethod", rule.auth_method},   {"Selector", rule.selector},
          {"BindType", type},                 {"BindName", name},
          {"CreateIndex", rule.create_index}, {"ModifyIndex", rule.modify_index}};
}

}  // namespace caravan::api::consul
