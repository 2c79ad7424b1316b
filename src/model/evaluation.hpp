// SPDX-License-Identifier: Apache-2.0
// An evaluation: the request to bring one job's allocations in line with what is wanted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/allocation.hpp"

namespace caravan::model {

enum class EvalStatus { blocked, pending, complete, failed, canceled };
constexpr auto enum_names(EvalStatus) {
  return std::array{"blocked"sv, "pending"sv, "complete"sv, "failed"sv, "canceled"sv};
}

/// How many allocations of a group a plan places, stops or keeps.
struct DesiredUpdates {
  std::uint64_t ignore = 0, place = 0, migrate = 0, stop = 0, in_place = 0, destructive = 0;
  std::uint64_t canary = 0, preemptions = 0, disconnect = 0, reconnect = 0;
  std::uint64_t reschedule_now = 0, reschedule_later = 0;
  base::Unknown unknown;
  friend bool operator==(const DesiredUpdates&, const DesiredUpdates&) = default;
};
template <class V>
void fields(V& v, DesiredUpdates& d) {
  v(1, "Ignore", d.ignore);
  v(2, "Place", d.place);
  v(3, "Migrate", d.migrate);
  v(4, "Stop", d.stop);
  v(5, "InPlaceUpdate", d.in_place);
  v(6, "DestructiveUpdate", d.destructive);
  v(7, "Canary", d.canary);
  v(8, "Preemptions", d.preemptions);
  v(9, "Disconnect", d.disconnect);
  v(10, "Reconnect", d.reconnect);
  v(11, "RescheduleNow", d.reschedule_now);
  v(12, "RescheduleLater", d.reschedule_later);
  v.unknown(d.unknown);
}

/// An allocation that a plan ends to make room, as much of it as tells users whose it is.
struct PreemptedAlloc {
  base::AllocId id;
  std::string name, ns, job_id, job_type, group;
  base::NodeId node_id;
  std::string node_name;
  base::AllocId preempted_by;
  base::Unknown unknown;
  friend bool operator==(const PreemptedAlloc&, const PreemptedAlloc&) = default;
};
template <class V>
void fields(V& v, PreemptedAlloc& p) {
  v(1, "ID", p.id);
  v(2, "Name", p.name);
  v(3, "Namespace", p.ns);
  v(4, "JobID", p.job_id);
  v(5, "JobType", p.job_type);
  v(6, "TaskGroup", p.group);
  v(7, "NodeID", p.node_id);
  v(8, "NodeName", p.node_name);
  v(9, "PreemptedByAllocation", p.preempted_by);
  v.unknown(p.unknown);
}

struct PlanAnnotations {
  std::map<std::string, DesiredUpdates> desired_updates;
  std::vector<PreemptedAlloc> preempted;
  base::Unknown unknown;
  friend bool operator==(const PlanAnnotations&, const PlanAnnotations&) = default;
};
template <class V>
void fields(V& v, PlanAnnotations& a) {
  v(1, "DesiredTGUpdates", a.desired_updates);
  v(2, "PreemptedAllocs", a.preempted);
  v.unknown(a.unknown);
}

/// Reasons, as they are shown.
namespace triggered_by {
inline constexpr std::string_view job_register = "job-register", job_deregister = "job-deregister",
                                  node_update = "node-update", node_drain = "node-drain",
                                  alloc_stop = "alloc-stop", alloc_failure = "alloc-failure",
                                  alloc_reschedule = "alloc-reschedule",
                                  queued_allocs = "queued-allocs",
                                  deployment_watcher = "deployment-watcher",
                                  max_plan_attempts = "max-plan-attempts",
                                  failed_follow_up = "failed-follow-up",
                                  job_scaling = "job-scaling", rolling_update = "rolling-update",
                                  periodic_job = "periodic-job", preemption = "preemption",
                                  max_disconnect_timeout = "max-disconnect-timeout";
}

struct Evaluation {
  base::EvalId id;
  std::string ns = "default";
  int priority = 50;
  std::string type;  // service, batch, system, sysbatch: the scheduler that takes it
  std::string triggered_by, job_id;
  std::uint64_t job_modify_index = 0;
  base::NodeId node_id;
  std::uint64_t node_modify_index = 0;
  base::DeploymentId deployment_id;
  EvalStatus status = EvalStatus::pending;
  std::string status_description;
  base::Instant wait_until;
  base::EvalId next_eval, previous_eval, blocked_eval;
  std::map<std::string, AllocMetric> failed_groups;
  std::optional<PlanAnnotations> annotations;
  std::map<std::string, bool> class_eligibility;  // by computed class; for a blocked one
  bool escaped_computed_class = false;
  std::string quota_limit_reached;
  std::vector<std::string> waits_for;  // what has to be healthy first; for a blocked one
  bool annotate_plan = false;
  std::map<std::string, int> queued_allocations;
  std::uint64_t snapshot_index = 0, create_index = 0, modify_index = 0;
  std::int64_t create_time_ns = 0, modify_time_ns = 0;
  base::Unknown unknown;

  base::JobId job() const { return {ns, job_id}; }
  bool is_terminal() const {
    return status == EvalStatus::complete || status == EvalStatus::failed ||
           status == EvalStatus::canceled;
  }
  /// Whether the broker should hand it to a worker.
  bool should_enqueue() const { return status == EvalStatus::pending; }
  friend bool operator==(const Evaluation&, const Evaluation&) = default;
};
template <class V>
void fields(V& v, Evaluation& e) {
  v(1, "ID", e.id);
  v(2, "Namespace", e.ns);
  v(3, "Priority", e.priority);
  v(4, "Type", e.type);
  v(5, "TriggeredBy", e.triggered_by);
  v(6, "JobID", e.job_id);
  v(7, "JobModifyIndex", e.job_modify_index);
  v(8, "NodeID", e.node_id);
  v(9, "NodeModifyIndex", e.node_modify_index);
  v(10, "DeploymentID", e.deployment_id);
  v(11, "Status", e.status);
  v(12, "StatusDescription", e.status_description);
  v(13, "WaitUntil", e.wait_until);
  v(14, "NextEval", e.next_eval);
  v(15, "PreviousEval", e.previous_eval);
  v(16, "BlockedEval", e.blocked_eval);
  v(17, "FailedTGAllocs", e.failed_groups);
  v(18, "PlanAnnotations", e.annotations);
  v(19, "ClassEligibility", e.class_eligibility);
  v(20, "EscapedComputedClass", e.escaped_computed_class);
  v(21, "QuotaLimitReached", e.quota_limit_reached);
  v(22, "AnnotatePlan", e.annotate_plan);
  v(23, "QueuedAllocations", e.queued_allocations);
  v(24, "SnapshotIndex", e.snapshot_index);
  v(25, "CreateIndex", e.create_index);
  v(26, "ModifyIndex", e.modify_index);
  v(27, "CreateTime", e.create_time_ns);
  v(28, "ModifyTime", e.modify_time_ns);
  v(29, "WaitsFor", e.waits_for, omit_empty);
  v.unknown(e.unknown);
}

}  // namespace caravan::model
