// SPDX-License-Identifier: Apache-2.0
#include "api/consul/acl_shapes.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "api/consul/acl_identities.hpp"
#include "api/consul/members.hpp"
#include "api/content_hash.hpp"
#include "base/text.hpp"
#include "crypto/digest.hpp"

namespace caravan::api::consul {
namespace {

json::Object link(const std::string& id, const std::string& name) {
  return {{"ID", id}, {"Name", name}};
}

json::Array policy_links(const std::vector<std::string>& names) {
  json::Array links;
  for (const std::string& name : names)
    if (!is_identity(name)) links.push_back(link(policy_id(name), name));
  return links;
}

struct Link {
  std::string id, name;
};

base::Result<std::vector<Link>> links_in(std::string_view what, const json::Value& list) {
  std::vector<Link> links;
  if (list.is_null()) return links;
  const json::Array* array = list.as_array();
  if (!array) return refuse(what, "is not a list");
  for (const json::Value& each : *array) {
    TRY(json::Object object, object_in(what, each));
    Members members(std::move(object));
    Link& read = links.emplace_back();
    TRY_VOID(members.text("ID", read.id));
    TRY_VOID(members.text("Name", read.name));
  }
  return links;
}

base::Error no_such(std::string_view what, const Link& link) {
  return {base::Code::invalid,
          fmt::format("No such ACL {} with {} \"{}\"", what, link.name.empty() ? "ID" : "name",
                      base::printable(link.name.empty() ? link.id : link.name, 128))};
}

}  // namespace

std::unexpected<base::Error> no_such(std::string_view what) {
  return base::fail(base::Code::not_found,
                    fmt::format("Requested {} does not exist: ACL not found", what));
}

base::Status nothing_left(Members& members) {
  for (const char* ignored :
       {"Hash", "CreateIndex", "ModifyIndex", "Namespace", "Partition", "CreateTime"})
    (void)members.take(ignored);
  if (const std::string left = members.left(); !left.empty())
    return base::invalid(fmt::format("Request decode failed: json: unknown field \"{}\"",
                                     base::printable(left, 80)));
  return {};
}

std::string policy_id(const std::string& name) {
  if (name == management_policy) return management_policy_id;
  const std::string digest = crypto::sha256("policy\n" + name);
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  return base::Uuid::from_random(bytes).to_string();
}

std::string policy_name(const state::Tables& tables, const std::string& id) {
  if (id == management_policy_id) return management_policy;
  std::string found;
  tables.acl_policies.each([&](const std::string& name, const auto&) {
    if (policy_id(name) == id) found = name;
  });
  return found;
}

base::Result<std::vector<std::string>> policies_in(const state::Tables& tables, json::Value list) {
  TRY(const std::vector<Link> links, links_in("Policies", list));
  std::vector<std::string> names;
  for (const Link& link : links) {
    const std::string name = link.name.empty() ? policy_name(tables, link.id) : link.name;
    if (name.empty() || (name != management_policy && !tables.acl_policy(name)))
      return std::unexpected(no_such("policy", link));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

base::Result<std::vector<base::Uuid>> roles_in(const state::Tables& tables, json::Value list) {
  TRY(const std::vector<Link> links, links_in("Roles", list));
  std::vector<base::Uuid> roles;
  for (const Link& link : links) {
    const base::Result<base::Uuid> id = base::Uuid::parse(link.id);
    const state::Ref<model::AclRole> role = !link.name.empty() ? tables.acl_role_named(link.name)
                                            : id               ? tables.acl_role(*id)
                                                               : nullptr;
    if (!role) return std::unexpected(no_such("role", link));
    if (std::ranges::find(roles, role->id) == roles.end()) roles.push_back(role->id);
  }
  return roles;
}

json::Object token_json(const state::Tables& tables, const model::AclToken& token,
                        const std::string& secret) {
  model::AclToken hashed = token;
  hashed.secret = {};
  hashed.secret_digest.clear();
  json::Array roles;
  for (const base::Uuid& id : token.roles)
    if (const state::Ref<model::AclRole> role = tables.acl_role(id))
      roles.push_back(link(id.to_string(), role->name));
  const bool is_first = token.is_management() && token.name == "Bootstrap Token";
  json::Object shown{{"AccessorID", token.accessor.to_string()}};
  if (!secret.empty()) shown["SecretID"] = secret;
  shown["Description"] = is_first ? "Bootstrap Token (Global Management)" : token.name;
  shown["Policies"] = token.is_management()
                          ? json::Array{link(management_policy_id, management_policy)}
                          : policy_links(token.policies);
  if (!roles.empty()) shown["Roles"] = std::move(roles);
  show_identities(token.policies, shown);
  shown["Local"] = !token.global;
  if (token.expiration_time_ns != 0)
    shown["ExpirationTime"] = base::format_rfc3339({token.expiration_time_ns});
  shown["CreateTime"] = base::format_rfc3339({token.create_time_ns});
  shown["Hash"] = content_hash(hashed);
  shown["CreateIndex"] = token.create_index;
  shown["ModifyIndex"] = token.modify_index;
  return shown;
}

json::Object role_json(const model::AclRole& role) {
  json::Object shown{{"ID", role.id.to_string()},
                     {"Name", role.name},
                     {"Description", role.description},
                     {"Policies", policy_links(role.policies)}};
  show_identities(role.policies, shown);
  shown["Hash"] = content_hash(role);
  shown["CreateIndex"] = role.create_index;
  shown["ModifyIndex"] = role.modify_index;
  return shown;
}

json::Object policy_json(const model::AclPolicy& policy, bool is_stub) {
  json::Object shown{
      {"ID", policy_id(policy.name)}, {"Name", policy.name}, {"Description", policy.description}};
  if (!is_stub) shown["Rules"] = policy.rules;
  shown["Datacenters"] = json::Value();
  shown["Hash"] = content_hash(policy);
  shown["CreateIndex"] = policy.create_index;
  shown["ModifyIndex"] = policy.modify_index;
  return shown;
}

json::Object management_policy_json(bool is_stub) {
  model::AclPolicy policy;
  policy.name = management_policy;
  policy.description = "Builtin Policy that grants unlimited access";
  policy.rules = "# All that the cluster and the registry can do.\n";
  return policy_json(policy, is_stub);
}

}  // namespace caravan::api::consul
