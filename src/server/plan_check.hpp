// SPDX-License-Identifier: Apache-2.0
// The last look before a plan becomes truth. Schedulers work on snapshots, several at a time; here
// each node that a plan places something on is checked against the newest state, and what no longer
// fits is left out. Pure.
#pragma once

#include <set>

#include "scheduler/plan.hpp"

namespace caravan::server {

struct CheckedPlan {
  wire::PlanResult result;       // what may be committed
  int dropped = 0;               // placements left out; the scheduler has to look again
  std::set<base::NodeId> nodes;  // all that the result places on or stops on
};

CheckedPlan check_plan(const state::Tables& tables, const scheduler::Plan& plan);

}  // namespace caravan::server
