// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {

void apply(Change& change, const wire::SetConnectCa& c) {
  const Ref<model::ConnectCa> old = change.tables().connect_ca();
  if ((old ? old->modify_index : 0) != c.expected_index ||
      c.ca.roots.size() > model::connect_roots_max)
    return change.refuse();
  auto ca = std::make_shared<model::ConnectCa>(c.ca);
  ca->create_index = old ? old->create_index : change.index();
  ca->modify_index = change.index();
  for (model::ConnectRoot& root : ca->roots) {
    if (root.create_index == 0) root.create_index = change.index();
    if (root.modify_index == 0) root.modify_index = change.index();
  }
  change.put(Ref<model::ConnectCa>(std::move(ca)));
}

}  // namespace caravan::state
