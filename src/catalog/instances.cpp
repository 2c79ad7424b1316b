// SPDX-License-Identifier: Apache-2.0
#include "catalog/instances.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace caravan::catalog {
namespace {

/// The checks of one service on a node; with "", of the node itself.
std::vector<Check> checks_at(const state::Tables& tables, const model::OnNode& key) {
  std::vector<Check> found;
  tables.checks_by_service.from({key, ""}, [&](const auto& entry, const auto&) {
    if (entry.first != key) return false;
    if (const Check* check = tables.catalog_checks.find({key.first, entry.second}))
      found.push_back(*check);
    return true;
  });
  return found;
}

Instance instance_of(const state::Tables& tables, const model::OnNode& key, Service service) {
  Instance instance{*tables.catalog_nodes.find(key.first), std::move(service),
                    checks_at(tables, {key.first, ""})};
  const std::vector<Check> own = checks_at(tables, key);
  instance.checks.insert(instance.checks.end(), own.begin(), own.end());
  return instance;
}

/// Of a sidecar: the service it stands before. Those that need none stand before themselves.
bool stands_before(const model::CatalogService& service, const std::string& name) {
  const auto text = [](const json::Value& value, const char* key) -> std::string {
    const json::Object* object = value.as_object();
    const json::Value* member = object ? object->find(key) : nullptr;
    return member && member->as_string() ? *member->as_string() : "";
  };
  if (service.kind == "connect-proxy")
    return base::to_lower(text(service.proxy, "DestinationServiceName")) == name;
  const json::Object* connect = service.connect.as_object();
  const json::Value* native = connect ? connect->find("Native") : nullptr;
  return native && native->as_bool() && *native->as_bool() && base::to_lower(service.name) == name;
}

std::vector<Instance> sidecars(const state::Tables& tables, const std::string& name) {
  std::vector<Instance> found;
  tables.catalog_services.each([&](const model::OnNode& key, const Service& service) {
    if (stands_before(*service, name)) found.push_back(instance_of(tables, key, service));
  });
  return found;
}

}  // namespace

model::Health Instance::health() const {
  model::Health worst = model::Health::passing;
  for (const Check& check : checks)
    worst = model::worse(worst, check->status);
  return worst;
}

bool Instance::has_tag(std::string_view tag) const {
  return std::ranges::any_of(service->tags, [&](const std::string& own) {
    return base::to_lower(own) == base::to_lower(tag);
  });
}

std::vector<Instance> instances(const state::Tables& tables, std::string_view service,
                                bool of_sidecars) {
  const std::string name = base::to_lower(service);
  if (of_sidecars) return sidecars(tables, name);
  std::vector<Instance> found;
  tables.instances.from({name, {}}, [&](const auto& entry, const auto&) {
    if (entry.first != name) return false;
    found.push_back(instance_of(tables, entry.second, *tables.catalog_services.find(entry.second)));
    return true;
  });
  return found;
}

std::vector<Instance> instances_on(const state::Tables& tables, std::string_view node) {
  const std::string on = base::to_lower(node);
  std::vector<Instance> found;
  tables.catalog_services.from({on, ""}, [&](const model::OnNode& key, const Service& service) {
    if (key.first != on) return false;
    found.push_back(instance_of(tables, key, service));
    return true;
  });
  return found;
}

Node find_node(const state::Tables& tables, std::string_view name) {
  const Node* found = tables.catalog_nodes.find(base::to_lower(name));
  return found ? *found : nullptr;
}

std::vector<Check> checks_on(const state::Tables& tables, std::string_view node) {
  const std::string on = base::to_lower(node);
  std::vector<Check> found;
  tables.catalog_checks.from({on, ""}, [&](const model::OnNode& key, const Check& check) {
    if (key.first == on) found.push_back(check);
    return key.first == on;
  });
  return found;
}

std::vector<Check> checks_of(const state::Tables& tables, std::string_view service) {
  const std::string name = base::to_lower(service);
  std::vector<Check> found;
  tables.instances.from({name, {}}, [&](const auto& entry, const auto&) {
    if (entry.first != name) return false;
    std::ranges::move(checks_at(tables, entry.second), std::back_inserter(found));
    return true;
  });
  return found;
}

std::map<std::string, std::vector<std::string>> service_names(
    const state::Tables& tables, const std::function<bool(const model::CatalogNode&)>& is_wanted) {
  std::map<std::string, std::set<std::string>> tags;
  tables.catalog_services.each([&](const model::OnNode& key, const Service& service) {
    if (!is_wanted(**tables.catalog_nodes.find(key.first))) return;
    tags[service->name].insert(service->tags.begin(), service->tags.end());
  });
  std::map<std::string, std::vector<std::string>> names;
  for (auto& [name, own] : tags)
    names[name] = {own.begin(), own.end()};
  return names;
}

std::uint64_t index_of_health(const state::Tables& tables, std::string_view service) {
  const std::uint64_t own = tables.index_of_prefix(state::prefix::health(base::to_lower(service)));
  if (own > 0) return own;
  return std::max<std::uint64_t>(tables.index_of(state::Table::catalog_services), 1);
}

}  // namespace caravan::catalog
