// SPDX-License-Identifier: Apache-2.0
// What an agent writes down of its services, so that they are there again when it is.
#pragma once

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
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Kept& k) {
  v(1, "Services", k.services);
  v(2, "Checks", k.checks);
  v.unknown(k.unknown);
}

}  // namespace caravan::registry
