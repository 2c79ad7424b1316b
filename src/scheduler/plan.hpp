// SPDX-License-Identifier: Apache-2.0
// What a scheduler decides: a proposal. Nothing of it is true until the plan applier has checked it
// against the newest state and the log has it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "scheduler/fleet.hpp"
#include "state/tables.hpp"

namespace caravan::scheduler {

struct Plan {
  wire::PlanResult result;  // placements, stops, deployment: what would be applied
  bool all_at_once = false;
  int priority = 50;

  bool is_empty() const {
    return result.placed.empty() && result.stopped.empty() && !result.deployment &&
           result.deployment_updates.empty() && result.deployment_totals.empty() &&
           result.evals.empty();
  }
};

/// A decision about one evaluation.
struct Outcome {
  Plan plan;
  model::PlanAnnotations annotations;
  std::map<std::string, model::AllocMetric> failed_groups;  // what found no node, and why
  std::map<std::string, int> queued;                        // how many each group still wants
  std::map<std::string, bool> class_eligibility;  // for unblocking: which classes could help
  bool escaped_computed_class = false;            // a constraint looks at a unique attribute
  std::string quota_limit_reached;                // that kept something from being placed
  std::vector<std::string> waits_for;             // what has to be healthy first
  base::DeploymentId deployment_id;               // the one that is active after this plan
};

/// Brings one job in line with what is wanted. Pure: the same snapshot, evaluation and time give
/// the same outcome, ids included.
Outcome schedule(const state::Tables& tables, const model::Evaluation& eval, base::Instant now);
/// The same, on a fleet that is kept from one evaluation to the next. It may be at any snapshot; it
/// follows `tables` first.
Outcome schedule(const state::Tables& tables, Fleet& fleet, const model::Evaluation& eval,
                 base::Instant now);

}  // namespace caravan::scheduler
