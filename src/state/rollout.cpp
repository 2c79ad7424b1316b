// SPDX-License-Identifier: Apache-2.0
#include "state/rollout.hpp"

namespace caravan::state {

int healthy_now(const Tables& tables, const model::Deployment& deployment,
                const std::string& group) {
  int healthy = 0;
  for (const Ref<model::Allocation>& alloc : tables.allocs_of_deployment(deployment.id))
    if (alloc->group == group && !alloc->terminal() && alloc->health() == true) ++healthy;
  return healthy;
}

}  // namespace caravan::state
