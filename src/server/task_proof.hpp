// SPDX-License-Identifier: Apache-2.0
// Whether a node may ask something in its own name, or in that of a task.
#pragma once

#include "state/tables.hpp"

namespace caravan::server {

/// The node, when it proves by its secret which one it is. Errors: denied.
base::Result<state::Ref<model::Node>> prove_node(const state::Tables& tables,
                                                 const base::NodeId& node,
                                                 const base::Uuid& secret);
/// The allocation, when the node proves by its secret which one it is, and the allocation is on it.
/// Errors: denied (the node), not_found (the allocation, the task).
base::Result<state::Ref<model::Allocation>> prove_task(const state::Tables& tables,
                                                       const base::NodeId& node,
                                                       const base::Uuid& secret,
                                                       const base::AllocId& alloc,
                                                       const std::string& task);

}  // namespace caravan::server
