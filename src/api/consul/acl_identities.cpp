// SPDX-License-Identifier: Apache-2.0
#include "api/consul/acl_identities.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "server/access.hpp"

namespace caravan::api::consul {
namespace {

constexpr std::string_view of_service = "service-identity-", of_node = "node-identity-";
/// Before the datacenter of a node. Names of identities have no capitals.
constexpr std::string_view in_datacenter = "-IN-";
/// So that the policy's name has room for it.
constexpr std::size_t identity_name_max = 64;

bool is_identity_name(std::string_view name) {
  constexpr std::string_view inner = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !name.empty() && name.size() <= identity_name_max &&
         name.find_first_not_of(inner) == std::string_view::npos &&
         !std::string_view("-_").contains(name.front()) &&
         !std::string_view("-_").contains(name.back());
}

/// "" when it is none of a service.
std::string service_of(const std::string& policy) {
  if (!policy.starts_with(of_service)) return "";
  std::string name = policy.substr(of_service.size());
  return is_identity_name(name) ? name : "";
}

struct NodeIdentity {
  std::string name, datacenter;
};
/// Without a name when it is none of a node.
NodeIdentity node_of(const std::string& policy) {
  const std::size_t end = policy.find(in_datacenter);
  if (!policy.starts_with(of_node) || end == std::string::npos) return {};
  NodeIdentity node{policy.substr(of_node.size(), end - of_node.size()),
                    policy.substr(end + in_datacenter.size())};
  return is_identity_name(node.name) ? node : NodeIdentity();
}

base::Status check(std::string_view what, const std::string& name) {
  if (is_identity_name(name)) return {};
  return refuse(what, fmt::format("\"{}\" is no name of an identity: 1 to {} small letters, digits, "
                                  "dashes and underscores, the first and last a letter or digit",
                                  base::printable(name, 80), identity_name_max));
}

base::Status check_datacenter(std::string_view what, const std::string& given,
                              const std::string& ours) {
  if (base::to_lower(given) == base::to_lower(ours)) return {};
  return base::fail(base::Code::unsupported,
                    fmt::format("{}: identities hold in {} only, not in \"{}\"", what, ours,
                                base::printable(given, 80)));
}

base::Result<std::vector<json::Object>> objects_in(const std::string& what,
                                                   const json::Value& list) {
  std::vector<json::Object> objects;
  if (list.is_null()) return objects;
  const json::Array* array = list.as_array();
  if (!array) return refuse(what, "is not a list");
  for (const json::Value& each : *array) {
    TRY(json::Object object, object_in(fmt::format("{}[{}]", what, objects.size()), each));
    objects.push_back(std::move(object));
  }
  return objects;
}

base::Status nothing_more(std::string_view what, const Members& members) {
  if (members.left().empty()) return {};
  return refuse(what, fmt::format("\"{}\" is not known", base::printable(members.left(), 80)));
}

}  // namespace

bool is_identity(const std::string& policy) {
  return !service_of(policy).empty() || !node_of(policy).name.empty();
}

base::Result<std::vector<std::string>> identities_in(Members& members,
                                                     const std::string& datacenter) {
  std::vector<std::string> names;
  const std::string services = "ServiceIdentities", nodes = "NodeIdentities";
  TRY(std::vector<json::Object> of_services, objects_in(services, members.take(services)));
  for (json::Object& object : of_services) {
    Members identity(std::move(object));
    std::string name;
    std::vector<std::string> datacenters;
    TRY_VOID(identity.text("ServiceName", name));
    TRY_VOID(identity.list("Datacenters", datacenters));
    TRY_VOID(nothing_more(services, identity));
    TRY_VOID(check("ServiceIdentities.ServiceName", name));
    for (const std::string& given : datacenters)
      TRY_VOID(check_datacenter("ServiceIdentities.Datacenters", given, datacenter));
    names.push_back(std::string(of_service) + name);
  }
  TRY(std::vector<json::Object> of_nodes, objects_in(nodes, members.take(nodes)));
  for (json::Object& object : of_nodes) {
    Members identity(std::move(object));
    std::string name, given;
    TRY_VOID(identity.text("NodeName", name));
    TRY_VOID(identity.text("Datacenter", given));
    TRY_VOID(nothing_more(nodes, identity));
    TRY_VOID(check("NodeIdentities.NodeName", name));
    TRY_VOID(check_datacenter("NodeIdentities.Datacenter", given, datacenter));
    names.push_back(fmt::format("{}{}{}{}", of_node, name, in_datacenter, base::to_lower(given)));
  }
  return names;
}

base::Result<std::string> identity_to_bind(const std::string& type, const std::string& name,
                                           const std::string& datacenter) {
  // What is filled in is looked at when it is known: a name that none can have binds nothing.
  if (!name.contains("${")) TRY_VOID(check("BindName", name));
  if (type == "service") return std::string(of_service) + name;
  return fmt::format("{}{}{}{}", of_node, name, in_datacenter, base::to_lower(datacenter));
}

BoundIdentity bound_identity(const std::string& policy) {
  if (policy.starts_with(of_service)) return {"service", policy.substr(of_service.size())};
  const std::size_t end = policy.find(in_datacenter);
  if (!policy.starts_with(of_node) || end == std::string::npos) return {};
  return {"node", policy.substr(of_node.size(), end - of_node.size())};
}

model::AclPolicy identity_policy(const std::string& name) {
  model::AclPolicy policy;
  policy.name = name;
  if (const std::string service = service_of(name); !service.empty()) {
    policy.description = "Synthetic Policy for the identity of service " + service;
    policy.rules = fmt::format(
        "service \"{0}\" {{\n  policy = \"write\"\n}}\n"
        "service \"{0}-sidecar-proxy\" {{\n  policy = \"write\"\n}}\n"
        "service_prefix \"\" {{\n  policy = \"read\"\n}}\n"
        "node_prefix \"\" {{\n  policy = \"read\"\n}}\n",
        service);
    return policy;
  }
  const std::string node = node_of(name).name;
  policy.description = "Synthetic Policy for the identity of node " + node;
  policy.rules = fmt::format(
      "node \"{}\" {{\n  policy = \"write\"\n}}\n"
      "service_prefix \"\" {{\n  policy = \"read\"\n}}\n",
      node);
  return policy;
}

io::Task<base::Status> make_identities(const state::Tables& tables, server::Access& access,
                                       const std::vector<std::string>& policies) {
  for (const std::string& name : policies) {
    if (!is_identity(name)) continue;
    model::AclPolicy wanted = identity_policy(name);
    const state::Ref<model::AclPolicy> there = tables.acl_policy(name);
    if (there && there->rules == wanted.rules) continue;
    if (there)
      co_return base::fail(base::Code::conflict,
                           fmt::format("the policy {} is there and has other rules than that "
                                       "identity: delete it first",
                                       name));
    CO_TRY_VOID(co_await access.put_policy(std::move(wanted)));
  }
  co_return base::Status();
}

io::Task<base::Status> make_bound(state::Snapshot tables, server::Access& access,
                                  std::vector<std::string> policies) {
  co_return co_await make_identities(*tables, access, policies);
}

void show_identities(const std::vector<std::string>& policies, json::Object& shown) {
  json::Array services, nodes;
  for (const std::string& policy : policies) {
    if (std::string service = service_of(policy); !service.empty())
      services.push_back(json::Object{{"ServiceName", std::move(service)}});
    if (NodeIdentity node = node_of(policy); !node.name.empty())
      nodes.push_back(json::Object{{"NodeName", std::move(node.name)},
                                   {"Datacenter", std::move(node.datacenter)}});
  }
  if (!services.empty()) shown["ServiceIdentities"] = std::move(services);
  if (!nodes.empty()) shown["NodeIdentities"] = std::move(nodes);
}

}  // namespace caravan::api::consul
