// SPDX-License-Identifier: Apache-2.0
// How entries of the registry come in, whatever command brings them. What is there already as it is
// said to be keeps its index.
#pragma once

#include "state/store.hpp"

namespace caravan::state {

void put_node(Change& change, model::CatalogNode node);
/// `node`: its name, as it is known. Precondition: there is one.
void put_service(Change& change, const std::string& node, model::CatalogService service);
/// The sessions that depend on it end when it falls. Whether the service that it is of is known;
/// nothing was written when it is not. Precondition: there is such a node.
bool put_check(Change& change, const std::string& node, model::CatalogCheck check);

}  // namespace caravan::state
