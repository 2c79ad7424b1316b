// SPDX-License-Identifier: Apache-2.0
// What an agent says to the servers about its own services and checks. "Catalog.Change" takes a
// ChangeCatalog, "Catalog.Coordinate" a model::NodeCoordinate; their answers are empty.
#pragma once

#include <string>
#include <vector>

#include "wire/catalog_commands.hpp"

namespace caravan::wire {

/// "Catalog.Beat": this agent lives.
struct CatalogBeat {
  std::string node;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, CatalogBeat& b) {
  v(1, "Node", b.node);
  v.unknown(b.unknown);
}

struct CatalogBeatReply {
  bool is_known = false;  // else all is to be registered anew
  base::Duration again{0};
  base::Unknown unknown;
};
template <class V>
void fields(V& v, CatalogBeatReply& r) {
  v(1, "IsKnown", r.is_known);
  v(2, "Again", r.again);
  v.unknown(r.unknown);
}

/// "Catalog.Of": asks what the servers know of a node (a CatalogBeat); nothing when they do not.
struct CatalogOf {
  model::CatalogNode node;
  std::vector<model::CatalogService> services;
  std::vector<model::CatalogCheck> checks;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, CatalogOf& o) {
  v(1, "Node", o.node);
  v(2, "Services", o.services);
  v(3, "Checks", o.checks);
  v.unknown(o.unknown);
}

}  // namespace caravan::wire
