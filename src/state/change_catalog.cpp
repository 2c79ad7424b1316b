// SPDX-License-Identifier: Apache-2.0
// Entries of the registry, and who is to hear of them: who looks at one service wakes for that
// service only.
#include "base/text.hpp"
#include "state/change_entries.hpp"

namespace caravan::state {

void Change::touch_health(const std::string& service) {
  touch_prefix(prefix::health(base::to_lower(service)));
}

/// What is said of a node counts for everything on it.
void Change::touch_services_on(const std::string& node) {
  tables_.catalog_services.from({node, ""}, [&](const model::OnNode& key, const auto& service) {
    if (key.first != node) return false;
    touch_health(service->name);
    return true;
  });
}

void Change::touch_checked(const model::CatalogCheck& check) {
  if (check.service_id.empty())
    touch_services_on(base::to_lower(check.node));
  else
    touch_health(check.service_name);
}

void Change::put(Ref<model::CatalogNode> node) {
  const std::string name = base::to_lower(node->name);
  touch_services_on(name);
  replace(Table::catalog_nodes, tables_.catalog_nodes, name, std::move(node));
}

void Change::put(Ref<model::CatalogService> service) {
  const model::OnNode key{base::to_lower(service->node), service->id};
  const Ref<model::CatalogService>* old = tables_.catalog_services.find(key);
  if (old && (*old)->name != service->name) forget_instance(key, (*old)->name);
  tables_.instances.put({base::to_lower(service->name), key}, {});
  touch_health(service->name);
  replace(Table::catalog_services, tables_.catalog_services, key, std::move(service));
}

void Change::put(Ref<model::CatalogCheck> check) {
  const model::OnNode key{base::to_lower(check->node), check->id};
  tables_.checks_by_service.put({{key.first, check->service_id}, check->id}, {});
  touch_checked(*check);
  replace(Table::catalog_checks, tables_.catalog_checks, key, std::move(check));
}

/// With the last one goes the index of its name: that of all services is a later one.
void Change::forget_instance(const model::OnNode& key, const std::string& service) {
  const std::string name = base::to_lower(service);
  tables_.instances.erase({name, key});
  touch_health(name);
  bool is_there = false;
  tables_.instances.from({name, {}}, [&](const auto& other, const Nothing&) {
    is_there = other.first == name;
    return false;
  });
  if (!is_there) tables_.prefix_index.erase(prefix::health(name));
}

void Change::put(Ref<model::ConfigEntry> entry) {
  const model::ConfigKey key = entry->key();
  touch_prefix(prefix::config_entries(key.first));
  replace(Table::config_entries, tables_.config_entries, key, std::move(entry));
}

void Change::put(Ref<model::ConnectCa> ca) {
  replace(Table::connect_ca, tables_.connect_cas, std::string(), std::move(ca));
}

void Change::erase_config_entry(const model::ConfigKey& key) {
  if (remove(Table::config_entries, tables_.config_entries, key))
    touch_prefix(prefix::config_entries(key.first));
}

void Change::erase_catalog_check(const model::OnNode& key) {
  const Ref<model::CatalogCheck>* found = tables_.catalog_checks.find(key);
  if (!found) return;
  const Ref<model::CatalogCheck> check = *found;
  end_sessions(*this, check->node, check->id);
  tables_.checks_by_service.erase({{key.first, check->service_id}, check->id});
  touch_checked(*check);
  remove(Table::catalog_checks, tables_.catalog_checks, key);
}

void Change::erase_catalog_service(const model::OnNode& key) {
  const Ref<model::CatalogService>* found = tables_.catalog_services.find(key);
  if (!found) return;
  const std::string name = (*found)->name;
  std::vector<std::string> checks;
  tables_.checks_by_service.from({key, ""}, [&](const auto& entry, const Nothing&) {
    if (entry.first != key) return false;
    checks.push_back(entry.second);
    return true;
  });
  for (const std::string& check : checks)
    erase_catalog_check({key.first, check});
  remove(Table::catalog_services, tables_.catalog_services, key);
  forget_instance(key, name);
}

void Change::erase_catalog_node(const std::string& node) {
  std::vector<model::OnNode> services, checks;
  tables_.catalog_services.from({node, ""}, [&](const model::OnNode& key, const auto&) {
    if (key.first == node) services.push_back(key);
    return key.first == node;
  });
  for (const model::OnNode& key : services)
    erase_catalog_service(key);
  tables_.catalog_checks.from({node, ""}, [&](const model::OnNode& key, const auto&) {
    if (key.first == node) checks.push_back(key);
    return key.first == node;
  });
  for (const model::OnNode& key : checks)
    erase_catalog_check(key);
  if (const Ref<model::CatalogNode>* found = tables_.catalog_nodes.find(node)) {
    end_sessions(*this, (*found)->name, "");
    erase_coordinate(node);
    remove(Table::catalog_nodes, tables_.catalog_nodes, node);
  }
}

}  // namespace caravan::state
