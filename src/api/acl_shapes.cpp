// SPDX-License-Identifier: Apache-2.0
#include "api/acl_shapes.hpp"

#include "acl/rules.hpp"
#include "api/content_hash.hpp"
#include "base/text.hpp"

namespace caravan::api {
namespace {

json::Value list_or_null(json::Array list) {
  if (list.empty()) return nullptr;
  return list;
}

json::Value roles_json(const model::AclToken& token, const state::Tables* tables) {
  json::Array roles;
  for (const base::Uuid& id : token.roles) {
    const state::Ref<model::AclRole> role = tables ? tables->acl_role(id) : nullptr;
    if (tables && !role) continue;
    roles.push_back(json::Object{{"ID", id.to_string()}, {"Name", role ? role->name : ""}});
  }
  return list_or_null(std::move(roles));
}

json::Value job_acl_json(const model::AclPolicy& policy) {
  if (!policy.job_acl) return nullptr;
  return json::Object{{"Namespace", policy.job_acl->ns},
                      {"JobID", policy.job_acl->job_id},
                      {"Group", policy.job_acl->group},
                      {"Task", policy.job_acl->task}};
}

}  // namespace

json::Object acl_token_stub(const model::AclToken& token, const state::Tables* tables) {
  model::AclToken shown = token;
  shown.secret = {};
  shown.secret_digest.clear();
  json::Object object{
      {"AccessorID", token.accessor.to_string()},
      {"Name", token.name},
      {"Type", token.type},
      {"Policies", list_or_null(json::Array(token.policies.begin(), token.policies.end()))},
      {"Roles", roles_json(token, tables)},
      {"Global", token.global},
      {"Hash", content_hash(shown)},
      {"CreateTime", base::format_rfc3339({token.create_time_ns})}};
  if (token.expiration_time_ns != 0)
    object["ExpirationTime"] = base::format_rfc3339({token.expiration_time_ns});
  object["CreateIndex"] = token.create_index;
  object["ModifyIndex"] = token.modify_index;
  return object;
}

json::Object acl_token_json(const model::AclToken& token, const state::Tables& tables) {
  json::Object object = acl_token_stub(token, &tables);
  object["SecretID"] = token.secret.to_string();
  return object;
}

json::Object identity_json(const keyring::VerifiedIdentity& identity,
                           const std::vector<std::string>& policies) {
  const model::Allocation& alloc = *identity.alloc;
  json::Object object{{"AccessorID", alloc.id.to_string()},
                      {"SecretID", ""},
                      {"Name", identity.subject},
                      {"Type", model::token_client},
                      {"Policies", list_or_null(json::Array(policies.begin(), policies.end()))},
                      {"Roles", nullptr},
                      {"Global", false},
                      {"CreateTime", base::format_rfc3339({alloc.create_time_ns})}};
  if (!identity.expires.is_zero())
    object["ExpirationTime"] = base::format_rfc3339(identity.expires);
  object["CreateIndex"] = alloc.create_index;
  object["ModifyIndex"] = alloc.modify_index;
  return object;
}

json::Object acl_policy_stub(const model::AclPolicy& policy) {
  return {{"Name", policy.name},
          {"Description", policy.description},
          {"JobACL", job_acl_json(policy)},
          {"Hash", content_hash(policy)},
          {"CreateIndex", policy.create_index},
          {"ModifyIndex", policy.modify_index}};
}

json::Object acl_policy_json(const model::AclPolicy& policy) {
  json::Object object = acl_policy_stub(policy);
  object["Rules"] = policy.rules;
  const base::Result<acl::Rules> rules = acl::parse_rules(policy.name, policy.rules);
  object["RulesJSON"] = rules ? acl::rules_json(*rules) : json::Value();
  return object;
}

json::Object acl_role_json(const model::AclRole& role) {
  json::Array policies;
  for (const std::string& name : role.policies)
    policies.push_back(json::Object{{"Name", name}});
  return {{"ID", role.id.to_string()},       {"Name", role.name},
          {"Description", role.description}, {"Policies", std::move(policies)},
          {"Hash", content_hash(role)},           {"CreateIndex", role.create_index},
          {"ModifyIndex", role.modify_index}};
}

}  // namespace caravan::api
