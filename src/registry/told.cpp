// SPDX-License-Identifier: Apache-2.0
#include "registry/told.hpp"

#include <algorithm>

namespace caravan::registry {
namespace {

template <class T>
bool same(T a, const T& b) {
  a.create_index = b.create_index;
  a.modify_index = b.modify_index;
  return a == b;
}

}  // namespace

/// What is to be said, as it is found.
class Told::Change {
 public:
  Change(Told& told, const Self& self) : told_(told), self_(self) {
    put_.node = self.node;
    put_.keeps_node = same(told.node_, self.node);
  }

  void service(const std::string& id, const model::CatalogService* wanted) {
    const auto known = told_.services_.find(id);
    if (!wanted && known != told_.services_.end()) {
      gone_.push_back({self_.node.name, id, "", {}});
      told_.services_.erase(known);
    } else if (wanted && (known == told_.services_.end() || !same(known->second, *wanted))) {
      put_.services.push_back(*wanted);
      told_.services_[id] = *wanted;
    }
  }

  void check(const std::string& id, const std::optional<model::CatalogCheck>& wanted) {
    if (id == model::alive_check) return;  // which the servers write
    const auto known = told_.checks_.find(id);
    if (!wanted && known != told_.checks_.end()) {
      gone_checks_.push_back({self_.node.name, "", id, {}});
      told_.checks_.erase(known);
    } else if (wanted && (known == told_.checks_.end() || !same(known->second, *wanted))) {
      put_.checks.push_back(*wanted);
      told_.checks_[id] = *wanted;
    }
  }

  /// Checks go before the services that would take them along.
  wire::ChangeCatalog whole() {
    wire::ChangeCatalog change;
    change.erase = std::move(gone_checks_);
    std::ranges::move(gone_, std::back_inserter(change.erase));
    told_.node_ = self_.node;
    if (!put_.keeps_node || !put_.services.empty() || !put_.checks.empty())
      change.put.push_back(std::move(put_));
    return change;
  }

 private:
  Told& told_;
  const Self& self_;
  wire::CatalogPut put_;
  std::vector<wire::CatalogErase> gone_, gone_checks_;
};

Told::Told(wire::CatalogOf known) : node_(std::move(known.node)) {
  for (model::CatalogService& service : known.services) {
    const std::string id = service.id;
    services_.emplace(id, std::move(service));
  }
  for (model::CatalogCheck& check : known.checks) {
    const std::string id = check.id;
    checks_.emplace(id, std::move(check));
  }
}

wire::ChangeCatalog Told::catch_up(const Self& self, const Inventory& inventory) {
  Touched all;
  for (const auto& [id, service] : services_)
    all.services.insert(id);
  for (const auto& [id, check] : checks_)
    all.checks.insert(id);
  for (const model::CatalogService& service : self.built_in)
    all.services.insert(service.id);
  for (const auto& [id, service] : inventory.services())
    all.services.insert(id);
  for (const auto& [id, check] : inventory.checks(Inventory::Words::told))
    all.checks.insert(id);
  return catch_up(self, inventory, all);
}

wire::ChangeCatalog Told::catch_up(const Self& self, const Inventory& inventory,
                                   const Touched& touched) {
  Change change(*this, self);
  for (const std::string& id : touched.services) {
    const auto built_in = std::ranges::find(self.built_in, id, &model::CatalogService::id);
    const bool is_built_in = built_in != self.built_in.end();
    change.service(id, is_built_in ? &*built_in : inventory.service(id));
  }
  for (const std::string& id : touched.checks)
    change.check(id, inventory.check(id, Inventory::Words::told));
  return change.whole();
}

}  // namespace caravan::registry
