// SPDX-License-Identifier: Apache-2.0
// Evaluations, and what garbage collection takes away.
#pragma once

#include <vector>

#include "model/evaluation.hpp"
#include "model/job_summary.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

struct UpsertEvals {
  std::vector<model::Evaluation> evals;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertEvals& c) {
  v(1, "Evals", c.evals);
  v.unknown(c.unknown);
}

/// What garbage collection found to be over.
struct Collect {
  std::vector<base::EvalId> evals;
  std::vector<base::AllocId> allocs;
  std::vector<base::DeploymentId> deployments;
  std::vector<base::NodeId> nodes;
  std::vector<model::JobSummary> jobs;  // only namespace and id are read
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Collect& c) {
  v(1, "Evals", c.evals);
  v(2, "Allocs", c.allocs);
  v(3, "Deployments", c.deployments);
  v(4, "Nodes", c.nodes);
  v(5, "Jobs", c.jobs);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
