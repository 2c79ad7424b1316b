// SPDX-License-Identifier: Apache-2.0
// What the servers have of one agent, as far as they said or were told, and what to tell them so
// that they have what the agent has. Pure.
#pragma once

#include <unordered_map>

#include "registry/inventory.hpp"
#include "wire/catalog_rpc.hpp"

namespace caravan::registry {

/// What every agent says of itself, whatever is registered there.
struct Self {
  model::CatalogNode node;
  std::vector<model::CatalogService> built_in;
};

class Told {
 public:
  explicit Told(wire::CatalogOf known);

  /// Of everything. It counts as told from here on: when it is not, all of this is to be thrown
  /// away, and the servers are to be asked again.
  wire::ChangeCatalog catch_up(const Self& self, const Inventory& inventory);
  /// The same of what changed only.
  wire::ChangeCatalog catch_up(const Self& self, const Inventory& inventory,
                               const Touched& touched);

 private:
  class Change;

  model::CatalogNode node_;
  std::unordered_map<std::string, model::CatalogService> services_;
  std::unordered_map<std::string, model::CatalogCheck> checks_;
};

}  // namespace caravan::registry
