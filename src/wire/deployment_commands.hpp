// SPDX-License-Identifier: Apache-2.0
// What becomes of rollouts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/deployment.hpp"
#include "wire/job_commands.hpp"

namespace caravan::wire {

struct DeploymentUpdate {
  base::DeploymentId deployment_id;
  model::DeploymentStatus status = model::DeploymentStatus::running;
  std::string description;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeploymentUpdate& u) {
  v(1, "DeploymentID", u.deployment_id);
  v(2, "Status", u.status);
  v(3, "Description", u.description);
  v.unknown(u.unknown);
}

/// How much a group's rollout aims at, where that follows the nodes that there are: system jobs.
struct DeploymentTotals {
  base::DeploymentId deployment_id;
  std::string group;
  int desired_total = 0, desired_canaries = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeploymentTotals& t) {
  v(1, "DeploymentID", t.deployment_id);
  v(2, "Group", t.group);
  v(3, "DesiredTotal", t.desired_total);
  v(4, "DesiredCanaries", t.desired_canaries);
  v.unknown(t.unknown);
}

struct UpdateDeployment {
  DeploymentUpdate update;
  std::optional<model::Evaluation> eval;
  std::optional<RegisterJob> revert;  // a failed one goes back to this specification
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpdateDeployment& c) {
  v(1, "Update", c.update);
  v(2, "Eval", c.eval);
  v(3, "Revert", c.revert);
  v.unknown(c.unknown);
}

/// The canaries of these groups are ordinary allocations from now on, and the roll goes on.
struct PromoteDeployment {
  base::DeploymentId deployment_id;
  std::vector<std::string> groups;
  std::optional<model::Evaluation> eval;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, PromoteDeployment& c) {
  v(1, "DeploymentID", c.deployment_id);
  v(2, "Groups", c.groups);
  v(3, "Eval", c.eval);
  v.unknown(c.unknown);
}

/// Somebody says how allocations of a rollout are, in place of their nodes.
struct SetAllocHealth {
  base::DeploymentId deployment_id;
  std::vector<base::AllocId> healthy, unhealthy;
  std::optional<UpdateDeployment> failure;  // an unhealthy one ends the rollout
  std::optional<model::Evaluation> eval;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, SetAllocHealth& c) {
  v(1, "DeploymentID", c.deployment_id);
  v(2, "Healthy", c.healthy);
  v(3, "Unhealthy", c.unhealthy);
  v(4, "Failure", c.failure);
  v(5, "Eval", c.eval);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
