// SPDX-License-Identifier: Apache-2.0
#include "server/task_proof.hpp"

#include "crypto/digest.hpp"

namespace caravan::server {

base::Result<state::Ref<model::Node>> prove_node(const state::Tables& tables,
                                                 const base::NodeId& node,
                                                 const base::Uuid& secret) {
  state::Ref<model::Node> asker = tables.node(node);
  if (!asker || !crypto::same_secret(asker->secret_id.to_string(), secret.to_string()))
    return base::fail(base::Code::denied, "node secret does not match");
  return asker;
}

base::Result<state::Ref<model::Allocation>> prove_task(const state::Tables& tables,
                                                       const base::NodeId& node,
                                                       const base::Uuid& secret,
                                                       const base::AllocId& alloc,
                                                       const std::string& task) {
  TRY_VOID(prove_node(tables, node, secret));
  state::Ref<model::Allocation> found = tables.alloc(alloc);
  if (!found || found->node_id != node)
    return base::fail(base::Code::not_found, "the allocation is not on this node");
  if (!found->task_group().find_task(task))
    return base::fail(base::Code::not_found, "the allocation has no such task");
  return found;
}

}  // namespace caravan::server
