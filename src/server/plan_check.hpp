// SPDX-License-Identifier: Apache-2.0
// The last look before a plan becomes truth. Schedulers work on snapshots, several at a time; here
// each node that a plan places something on is checked against the newest state, and what no longer
// fits is left out. Pure; looks at nothing but the nodes that plans touch.
#pragma once

#include <set>

#include "scheduler/plan.hpp"

namespace caravan::server {

struct CheckedPlan {
  wire::PlanResult result;  // what may be committed
  int dropped = 0;          // placements left out; the scheduler has to look again
};

/// Checks plans that are to be committed together: each sees what those before it took.
class PlanCheck {
 public:
  /// `fleet` follows `tables` first. References outlive it.
  PlanCheck(const state::Tables& tables, scheduler::Fleet& fleet);
  CheckedPlan check(scheduler::Plan plan);

 private:
  struct OnNode;
  bool may_end(const wire::AllocStop& stop, const scheduler::Plan& plan) const;
  void forget_ended(wire::PlanResult& result) const;
  bool fits(scheduler::Row row, const OnNode& wanted);
  bool takes(scheduler::Row row, const model::Allocation& alloc) const;
  bool has_devices(scheduler::Row row, const model::Allocation& alloc) const;
  void apply(const wire::PlanResult& result);
  bool exceeds_quota(const scheduler::Plan& plan) const;
  void count(const model::Allocation& alloc, bool comes);

  const state::Tables& tables_;
  scheduler::Fleet& fleet_;
  scheduler::Fleet::Draft draft_;
  std::set<base::AllocId> gone_;  // from the draft: stopped, or replaced by an update in place
  std::map<std::string, model::QuotaAmounts> counted_;  // by namespace, of the plans so far
};

}  // namespace caravan::server
