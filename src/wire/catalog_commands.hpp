// SPDX-License-Identifier: Apache-2.0
// Changes of what the registry knows.
#pragma once

#include <string>
#include <vector>

#include "model/catalog.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// A node with some of what is on it. What it does not name stays.
struct CatalogPut {
  model::CatalogNode node;
  bool keeps_node = false;  // of a node that is known already, only its name counts
  std::vector<model::CatalogService> services;
  std::vector<model::CatalogCheck> checks;  // of a service that is known, or above
  base::Unknown unknown;
};
template <class V>
void fields(V& v, CatalogPut& p) {
  v(1, "Node", p.node);
  v(2, "KeepsNode", p.keeps_node);
  v(3, "Services", p.services);
  v(4, "Checks", p.checks);
  v.unknown(p.unknown);
}

/// A service with its checks, a check, or, when it names neither, the node with all that is on it.
struct CatalogErase {
  std::string node, service_id, check_id;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, CatalogErase& e) {
  v(1, "Node", e.node);
  v(2, "ServiceID", e.service_id);
  v(3, "CheckID", e.check_id);
  v.unknown(e.unknown);
}

/// First what goes, then what comes. What is there already as it is said to be keeps its index.
struct ChangeCatalog {
  std::vector<CatalogErase> erase;
  std::vector<CatalogPut> put;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ChangeCatalog& c) {
  v(1, "Erase", c.erase);
  v(2, "Put", c.put);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
