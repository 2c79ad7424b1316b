// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "state/catalog_entries.hpp"

namespace caravan::state {
namespace {

/// Gives the new one the indexes of the old one, and says whether it differs in anything else.
template <class T>
bool differs(const Ref<T>* old, T& now, std::uint64_t index) {
  now.create_index = old ? (*old)->create_index : index;
  now.modify_index = old ? (*old)->modify_index : index;
  if (old && **old == now) return false;
  now.modify_index = index;
  return true;
}

template <class T>
void put(Change& change, const Ref<T>* old, T now) {
  if (differs(old, now, change.index())) change.put(std::make_shared<const T>(std::move(now)));
}

}  // namespace

void put_node(Change& change, model::CatalogNode node) {
  const auto* old = change.tables().catalog_nodes.find(base::to_lower(node.name));
  put(change, old, std::move(node));
}

void put_service(Change& change, const std::string& node, model::CatalogService service) {
  service.node = node;
  const model::OnNode at{base::to_lower(node), service.id};
  const auto* old = change.tables().catalog_services.find(at);
  put(change, old, std::move(service));
}

bool put_check(Change& change, const std::string& node, model::CatalogCheck check) {
  const Tables& tables = change.tables();
  const std::string on = base::to_lower(node);
  check.node = node;
  if (!check.service_id.empty()) {
    const Ref<model::CatalogService>* service =
        tables.catalog_services.find({on, check.service_id});
    if (!service) return false;
    check.service_name = (*service)->name;
    check.service_tags = (*service)->tags;
  } else {
    check.service_name.clear();
    check.service_tags.clear();
  }
  const Ref<model::CatalogCheck>* old = tables.catalog_checks.find({on, check.id});
  if (old && (*old)->service_id != check.service_id) {
    change.erase_catalog_check({on, check.id});
    old = nullptr;
  }
  const bool falls = check.status == model::Health::critical &&
                     (!old || (*old)->status != model::Health::critical);
  const std::string id = check.id;
  put(change, old, std::move(check));
  if (falls) end_sessions(change, node, id);
  return true;
}

namespace {

void put_all(Change& change, const wire::CatalogPut& given) {
  const Tables& tables = change.tables();
  const std::string on = base::to_lower(given.node.name);
  const Ref<model::CatalogNode>* known = tables.catalog_nodes.find(on);
  if (!known && given.keeps_node) return change.refuse();
  if (!given.keeps_node) put_node(change, given.node);
  const std::string node = (*tables.catalog_nodes.find(on))->name;
  for (const model::CatalogService& service : given.services)
    put_service(change, node, service);
  for (const model::CatalogCheck& check : given.checks)
    if (!put_check(change, node, check)) change.refuse();
}

}  // namespace

void apply(Change& change, const wire::ChangeCatalog& c) {
  for (const wire::CatalogErase& gone : c.erase) {
    const std::string on = base::to_lower(gone.node);
    if (!gone.service_id.empty())
      change.erase_catalog_service({on, gone.service_id});
    else if (!gone.check_id.empty())
      change.erase_catalog_check({on, gone.check_id});
    else
      change.erase_catalog_node(on);
  }
  for (const wire::CatalogPut& given : c.put)
    put_all(change, given);
}

}  // namespace caravan::state
