// SPDX-License-Identifier: Apache-2.0
// Plans, as the applier let them pass.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wire/deployment_commands.hpp"

namespace caravan::wire {

struct AllocStop {
  base::AllocId alloc_id;
  std::string description;
  std::optional<model::ClientStatus> client_status;  // `lost` when the node is gone
  base::EvalId followup_eval_id;
  base::AllocId preempted_by;  // the placement of the same plan that takes its room
  base::Unknown unknown;
};
template <class V>
void fields(V& v, AllocStop& s) {
  v(1, "AllocID", s.alloc_id);
  v(2, "Description", s.description);
  v(3, "ClientStatus", s.client_status);
  v(4, "FollowupEvalID", s.followup_eval_id);
  v(5, "PreemptedBy", s.preempted_by);
  v.unknown(s.unknown);
}

/// One plan as the applier let it pass. `placed` holds new allocations and in-place updates. In the
/// log, what the copies of a group share is written once: see share_metrics.
struct PlanResult {
  base::EvalId eval_id;
  std::vector<model::Allocation> placed;
  std::vector<AllocStop> stopped;
  std::optional<model::Deployment> deployment;
  std::vector<DeploymentUpdate> deployment_updates;
  std::vector<DeploymentTotals> deployment_totals;
  std::vector<model::Evaluation> evals;
  std::vector<std::shared_ptr<const model::AllocMetric>> metrics;
  std::vector<int> metrics_of;  // for each placed one, its place in `metrics`; -1 = it has its own
  base::Unknown unknown;

  /// Moves the metrics of the placed allocations to the list, each once.
  void share_metrics();
  /// Those of the placed allocation with that number, wherever they stand.
  std::shared_ptr<const model::AllocMetric> metrics_at(std::size_t placed_number) const;
};
template <class V>
void fields(V& v, PlanResult& c) {
  v(1, "EvalID", c.eval_id);
  v(2, "Placed", c.placed);
  v(3, "Stopped", c.stopped);
  v(4, "Deployment", c.deployment);
  v(5, "DeploymentUpdates", c.deployment_updates);
  v(6, "Evals", c.evals);
  v(7, "Metrics", c.metrics);
  v(8, "MetricsOf", c.metrics_of);
  v(9, "DeploymentTotals", c.deployment_totals);
  v.unknown(c.unknown);
}

/// Several plans share a log entry, and so a sync.
struct ApplyPlans {
  std::vector<PlanResult> plans;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ApplyPlans& c) {
  v(1, "Plans", c.plans);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
