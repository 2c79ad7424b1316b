// SPDX-License-Identifier: Apache-2.0
#include "server/registry_data.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "catalog/instances.hpp"
#include "expr/registry_place.hpp"

namespace caravan::server {
namespace {

using acl::Capability;
using state::Tables;
using Found = base::Result<TaskFound>;

using Place = expr::RegistryPlace;

Place place_in(const wire::TaskQuestion& question) {
  return expr::registry_place(question.kind, question.arguments);
}

base::Status here(const Place& place, const RegistryReader& by) {
  if (place.datacenter.empty() || place.datacenter == by.datacenter) return {};
  return base::fail(base::Code::not_found, "No path to datacenter " + place.datacenter);
}

bool may(const RegistryReader& by, Capability capability, const std::string& subject) {
  return !by.permissions || by.permissions->allows(capability, subject);
}

base::Error denied(const std::string& what) {
  return {base::Code::denied, fmt::format("the task may not read {}", what)};
}

json::Object map_json(const std::map<std::string, std::string>& map) {
  json::Object object;
  for (const auto& [key, value] : map)
    object[key] = value;
  return object;
}

json::Array tags_json(const std::vector<std::string>& tags) { return {tags.begin(), tags.end()}; }

json::Object node_json(const model::CatalogNode& node, const RegistryReader& by) {
  return {{"ID", node.id},
          {"Node", node.name},
          {"Address", node.address},
          {"Datacenter", by.datacenter},
          {"TaggedAddresses", map_json(node.tagged_addresses)},
          {"Meta", map_json(node.meta)}};
}

json::Array checks_json(const catalog::Instance& instance) {
  json::Array checks;
  for (const catalog::Check& check : instance.checks)
    checks.push_back(json::Object{{"CheckID", check->id},
                                  {"Name", check->name},
                                  {"Node", check->node},
                                  {"Notes", check->notes},
                                  {"Output", check->output},
                                  {"ServiceID", check->service_id},
                                  {"ServiceName", check->service_name},
                                  {"Status", model::name_of(check->status)}});
  return checks;
}

json::Object instance_json(const catalog::Instance& instance, const RegistryReader& by) {
  const model::CatalogService& service = *instance.service;
  const model::CatalogNode& node = *instance.node;
  return {{"Node", node.name},
          {"NodeID", node.id},
          {"NodeAddress", node.address},
          {"NodeDatacenter", by.datacenter},
          {"NodeTaggedAddresses", map_json(node.tagged_addresses)},
          {"NodeMeta", map_json(node.meta)},
          {"ServiceMeta", map_json(service.meta)},
          {"Address", instance.address()},
          {"ID", service.id},
          {"Name", service.name},
          {"Kind", service.kind},
          {"Port", service.port},
          {"Status", model::name_of(instance.health())},
          {"Tags", tags_json(service.tags)},
          {"Weights", json::Object{{"Passing", service.weights.passing},
                                   {"Warning", service.weights.warning}}},
          {"Checks", checks_json(instance)},
          {"Namespace", ""}};
}

/// "any", or healths with commas; nothing: passing only. Errors: invalid.
base::Result<bool> is_wanted(const std::string& filter, model::Health health) {
  bool is_known = true;
  const bool wanted = expr::wants_health(filter, model::name_of(health), is_known);
  if (!is_known)
    return base::invalid(
        fmt::format("\"{}\" is no health of a service: any, passing, warning, critical",
                    base::printable(filter, 40)));
  return wanted;
}

Found find_key(const Tables& tables, const RegistryReader& by, const Place& place) {
  if (!may(by, Capability::key_read, place.name)) return std::unexpected(denied("the key"));
  const state::Ref<model::KvEntry> entry = tables.kv_entry(place.name);
  const std::uint64_t index = tables.kv_changed(place.name);
  if (!entry) return TaskFound{json::Value(), index};
  if (!base::is_utf8(entry->value)) return base::invalid("what the key holds is no text");
  return TaskFound{entry->value, index};
}

json::Object pair_json(const model::KvEntry& entry, std::string relative) {
  return {{"Path", entry.key},
          {"Key", std::move(relative)},
          {"Value", entry.value},
          {"Exists", true},
          {"CreateIndex", entry.create_index},
          {"ModifyIndex", entry.modify_index},
          {"LockIndex", entry.lock_index},
          {"Flags", entry.flags},
          {"Session", entry.session.is_nil() ? "" : entry.session.to_string()}};
}

/// `deep`: also what lies in folders.
Found find_keys(const Tables& tables, const RegistryReader& by, const Place& place, bool deep) {
  const std::string& prefix = place.name;
  json::Array list;
  tables.kv.from(prefix, [&](const std::string& key, const state::Ref<model::KvEntry>& entry) {
    if (!key.starts_with(prefix)) return false;
    std::string relative = key.substr(prefix.size());
    if (relative.starts_with('/')) relative.erase(0, 1);
    const bool is_folder = relative.empty() || relative.ends_with('/');
    const bool is_deep = relative.find('/') != std::string::npos;
    const bool is_text = base::is_utf8(entry->value) && base::is_utf8(key);
    if (!is_folder && (deep || !is_deep) && is_text && may(by, Capability::key_read, key))
      list.push_back(pair_json(*entry, std::move(relative)));
    return true;
  });
  return TaskFound{std::move(list), tables.kv_changed_under(prefix)};
}

Found find_service(const Tables& tables, const RegistryReader& by, const Place& place,
                   bool of_sidecars) {
  if (!may(by, Capability::service_read, place.name)) return std::unexpected(denied("the service"));
  json::Array list;
  for (const catalog::Instance& instance : catalog::instances(tables, place.name, of_sidecars)) {
    TRY(const bool wanted, is_wanted(place.filter, instance.health()));
    if (wanted && (place.tag.empty() || instance.has_tag(place.tag)))
      list.push_back(instance_json(instance, by));
  }
  const std::uint64_t index = of_sidecars
                                  ? std::max(tables.index_of(state::Table::catalog_services),
                                             tables.index_of(state::Table::catalog_checks))
                                  : catalog::index_of_health(tables, place.name);
  return TaskFound{std::move(list), index};
}

Found find_services(const Tables& tables, const RegistryReader& by) {
  json::Array list;
  for (const auto& [name, tags] :
       catalog::service_names(tables, [](const model::CatalogNode&) { return true; }))
    if (may(by, Capability::service_read, name))
      list.push_back(json::Object{{"Name", name}, {"Tags", tags_json(tags)}});
  return TaskFound{std::move(list), tables.index_of(state::Table::catalog_services)};
}

Found find_nodes(const Tables& tables, const RegistryReader& by) {
  json::Array list;
  tables.catalog_nodes.each([&](const std::string&, const catalog::Node& node) {
    if (may(by, Capability::catalog_node_read, node->name)) list.push_back(node_json(*node, by));
  });
  return TaskFound{std::move(list), tables.index_of(state::Table::catalog_nodes)};
}

/// With no name, the node that the task runs on.
Found find_one_node(const Tables& tables, const RegistryReader& by, const Place& place) {
  std::string name = place.name;
  if (const auto* own = tables.nodes.find(by.node); name.empty() && own) name = (*own)->name;
  const std::uint64_t index = std::max(tables.index_of(state::Table::catalog_nodes),
                                       tables.index_of(state::Table::catalog_services));
  const catalog::Node node = catalog::find_node(tables, name);
  if (!node) return TaskFound{json::Value(), index};
  if (!may(by, Capability::catalog_node_read, node->name))
    return std::unexpected(denied("the node"));
  json::Array services;
  for (const catalog::Instance& instance : catalog::instances_on(tables, node->name)) {
    const model::CatalogService& service = *instance.service;
    if (!may(by, Capability::service_read, service.name)) continue;
    services.push_back(json::Object{{"ID", service.id},
                                    {"Service", service.name},
                                    {"Tags", tags_json(service.tags)},
                                    {"Meta", map_json(service.meta)},
                                    {"Port", service.port},
                                    {"Address", service.address},
                                    {"EnableTagOverride", service.enable_tag_override}});
  }
  return TaskFound{json::Object{{"Node", node_json(*node, by)}, {"Services", std::move(services)}},
                   index};
}

}  // namespace

bool asks_registry(const std::string& kind) { return expr::asks_registry(kind); }

std::vector<std::string> watched_in_registry(const wire::TaskQuestion& question) {
  const Place place = place_in(question);
  const std::string& kind = question.kind;
  const std::string nodes = state::key::table(state::Table::catalog_nodes);
  const std::string services = state::key::table(state::Table::catalog_services);
  if (kind == "key") return {state::key::kv(place.name)};
  if (kind == "ls" || kind == "tree") return {state::key::kv_under(place.name)};
  if (kind == "service") return {state::prefix::health(base::to_lower(place.name))};
  if (kind == "nodes") return {nodes};
  if (kind == "node") return {nodes, services};
  if (kind == "connect") return {services, state::key::table(state::Table::catalog_checks)};
  return {services};
}

Found find_in_registry(const Tables& tables, const RegistryReader& by,
                       const wire::TaskQuestion& question) {
  const Place place = place_in(question);
  TRY_VOID(here(place, by));
  const std::string& kind = question.kind;
  if (kind == "key") return find_key(tables, by, place);
  if (kind == "ls" || kind == "tree") return find_keys(tables, by, place, kind == "tree");
  if (kind == "service" || kind == "connect")
    return find_service(tables, by, place, kind == "connect");
  if (kind == "services") return find_services(tables, by);
  if (kind == "nodes") return find_nodes(tables, by);
  if (kind == "node") return find_one_node(tables, by, place);
  return TaskFound{json::Array{by.datacenter}, 1};
}

}  // namespace caravan::server
