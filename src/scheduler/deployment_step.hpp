// SPDX-License-Identifier: Apache-2.0
// What an evaluation of a job does about its deployments: ends those of other versions, begins one
// when a new version is placed, and finishes it when all is well.
#pragma once

#include "scheduler/ids.hpp"
#include "scheduler/plan.hpp"
#include "scheduler/reconcile.hpp"

namespace caravan::scheduler {

using Diffs = std::vector<std::pair<const model::TaskGroup*, GroupDiff>>;

class DeploymentStep {
 public:
  /// Decides about the job's latest deployment, and writes that to `outcome`. `job`: null or
  /// stopped when it is to end. References outlive it.
  DeploymentStep(const state::Tables& tables, const model::Evaluation& eval, const model::Job* job,
                 Outcome& outcome);

  /// The one for this version that is under way; null when there is none.
  const model::Deployment* active() const { return active_.get(); }
  bool halted() const { return halted_; }
  /// How far this version's rollout of the group has come, also when it has ended.
  const model::DeploymentState* rollout_of(const model::TaskGroup& group) const;
  /// New copies of the group belong to the active deployment.
  bool deploys(const model::TaskGroup& group) const;

  /// Creates one when the diffs bring a new version. `allocs`: all of the job.
  void begin(const Diffs& diffs, const std::vector<AllocRef>& allocs, IdSource& ids);
  /// What it aims at becomes what the nodes that there are now allow.
  void follow_nodes(const Diffs& diffs);
  void finish(const Diffs& diffs);

 private:
  const state::Tables& tables_;
  const model::Evaluation& eval_;
  const model::Job* job_;
  Outcome& outcome_;
  state::Ref<model::Deployment> active_, rollout_;  // rollout_: this version's, also when it ended
  bool halted_ = false, finished_ = false;
};

}  // namespace caravan::scheduler
