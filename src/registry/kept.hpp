// SPDX-License-Identifier: Apache-2.0
// What an agent writes down of its services, so that they are there again when it is: all of them
// now and then, and what changed since then as it changes.
#pragma once

#include <optional>
#include <vector>

#include "registry/check_definition.hpp"

namespace caravan::registry {

struct KeptCheck {
  CheckDefinition definition;
  model::Health status = model::Health::critical;  // when this was written
  std::string output;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, KeptCheck& c) {
  v(1, "Definition", c.definition);
  v(2, "Status", c.status);
  v(3, "Output", c.output);
  v.unknown(c.unknown);
}

struct Kept {
  std::vector<model::CatalogService> services;
  std::vector<KeptCheck> checks;
  std::uint64_t generation = 0;  // of the journal that goes on from here
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Kept& k) {
  v(1, "Services", k.services);
  v(2, "Checks", k.checks);
  v(3, "Generation", k.generation);
  v.unknown(k.unknown);
}

/// One change, whole or not at all: first what goes, then what comes.
struct KeptChange {
  std::string gone_service;  // with its checks; "": none
  std::vector<std::string> gone_checks;
  std::vector<model::CatalogService> services;
  std::vector<KeptCheck> checks;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, KeptChange& c) {
  v(1, "GoneService", c.gone_service);
  v(2, "GoneChecks", c.gone_checks);
  v(3, "Services", c.services);
  v(4, "Checks", c.checks);
  v.unknown(c.unknown);
}

/// Changes that went to the disk together.
struct KeptChanges {
  std::vector<KeptChange> all;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, KeptChanges& c) {
  v(1, "All", c.all);
  v.unknown(c.unknown);
}

}  // namespace caravan::registry
