// SPDX-License-Identifier: Apache-2.0
// A deployment: the rollout of one job version, and how far it has come.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/field.hpp"

namespace caravan::model {

enum class DeploymentStatus { running, paused, failed, successful, cancelled };
constexpr auto enum_names(DeploymentStatus) {
  return std::array{"running"sv, "paused"sv, "failed"sv, "successful"sv, "cancelled"sv};
}

struct DeploymentState {
  bool auto_revert = false, auto_promote = false;
  base::Duration progress_deadline{0};
  base::Instant require_progress_by;
  bool promoted = false;
  std::vector<base::AllocId> placed_canaries;
  int desired_canaries = 0, desired_total = 0, placed_allocs = 0, healthy_allocs = 0,
      unhealthy_allocs = 0;
  base::Unknown unknown;

  /// Its canaries run beside the old version until somebody promotes them.
  bool awaits_promotion() const { return desired_canaries > 0 && !promoted; }
  friend bool operator==(const DeploymentState&, const DeploymentState&) = default;
};
template <class V>
void fields(V& v, DeploymentState& s) {
  v(1, "AutoRevert", s.auto_revert);
  v(2, "AutoPromote", s.auto_promote);
  v(3, "ProgressDeadline", s.progress_deadline);
  v(4, "RequireProgressBy", s.require_progress_by);
  v(5, "Promoted", s.promoted);
  v(6, "PlacedCanaries", s.placed_canaries);
  v(7, "DesiredCanaries", s.desired_canaries);
  v(8, "DesiredTotal", s.desired_total);
  v(9, "PlacedAllocs", s.placed_allocs);
  v(10, "HealthyAllocs", s.healthy_allocs);
  v(11, "UnhealthyAllocs", s.unhealthy_allocs);
  v.unknown(s.unknown);
}

struct Deployment {
  base::DeploymentId id;
  std::string ns = "default", job_id;
  std::uint64_t job_version = 0, job_modify_index = 0, job_spec_modify_index = 0,
                job_create_index = 0;
  std::map<std::string, DeploymentState> groups;
  DeploymentStatus status = DeploymentStatus::running;
  std::string status_description = "Deployment is running";
  int eval_priority = 50;
  std::uint64_t create_index = 0, modify_index = 0;
  std::int64_t create_time_ns = 0, modify_time_ns = 0;
  base::Unknown unknown;

  bool is_active() const {
    return status == DeploymentStatus::running || status == DeploymentStatus::paused;
  }
  base::JobId job() const { return {ns, job_id}; }
  friend bool operator==(const Deployment&, const Deployment&) = default;
};
template <class V>
void fields(V& v, Deployment& d) {
  v(1, "ID", d.id);
  v(2, "Namespace", d.ns);
  v(3, "JobID", d.job_id);
  v(4, "JobVersion", d.job_version);
  v(5, "JobModifyIndex", d.job_modify_index);
  v(6, "JobSpecModifyIndex", d.job_spec_modify_index);
  v(7, "JobCreateIndex", d.job_create_index);
  v(8, "TaskGroups", d.groups);
  v(9, "Status", d.status);
  v(10, "StatusDescription", d.status_description);
  v(11, "EvalPriority", d.eval_priority);
  v(12, "CreateIndex", d.create_index);
  v(13, "ModifyIndex", d.modify_index);
  v(14, "CreateTime", d.create_time_ns);
  v(15, "ModifyTime", d.modify_time_ns);
  v.unknown(d.unknown);
}

/// What is said of a rollout that runs: whether it waits for somebody.
std::string running_description(const Deployment& deployment);

/// Every group that waits is promoted without being asked, so the rollout as a whole may be.
bool promotes_itself(const Deployment& deployment);

}  // namespace caravan::model
