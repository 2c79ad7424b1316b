// SPDX-License-Identifier: Apache-2.0
// Everything that changes the cluster. A command says what happened, with the time, the ids and the
// random bytes in it: `state` applies it and draws none. A command's kind is its place in the
// variant and, like a field's number, is for ever: new ones go to the end.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "model/deployment.hpp"
#include "model/evaluation.hpp"
#include "model/job_summary.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// When a periodic job was launched last, or became periodic.
struct PeriodicLaunch {
  std::string ns, job_id;
  base::Instant time;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, PeriodicLaunch& l) {
  v(1, "Namespace", l.ns);
  v(2, "ID", l.job_id);
  v(3, "Launch", l.time);
  v(4, "CreateIndex", l.create_index);
  v(5, "ModifyIndex", l.modify_index);
  v.unknown(l.unknown);
}

/// Makes a registration that of a child, which counts only if its parent stands and neither its id
/// nor its idempotency token is taken. A periodic parent has a launch time too, and must not have
/// been launched since the proposer looked: so each launch happens once, however many leaders try.
struct Birth {
  base::Instant last_launch, launch;  // launch: zero for a dispatch
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Birth& b) {
  v(1, "LastLaunch", b.last_launch);
  v(2, "Launch", b.launch);
  v.unknown(b.unknown);
}

/// A job always comes with its evaluation, so that none waits unnoticed; parents have none.
struct RegisterJob {
  model::Job job;
  std::optional<model::Evaluation> eval;
  std::string source, source_format;  // what the user wrote, for `job inspect`
  std::optional<Birth> birth;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, RegisterJob& c) {
  v(1, "Job", c.job);
  v(2, "Eval", c.eval);
  v(3, "Source", c.source);
  v(4, "SourceFormat", c.source_format);
  v(5, "Birth", c.birth);
  v.unknown(c.unknown);
}

struct DeregisterJob {
  std::string ns, job_id;
  bool purge = false;
  std::optional<model::Evaluation> eval;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeregisterJob& c) {
  v(1, "Namespace", c.ns);
  v(2, "JobID", c.job_id);
  v(3, "Purge", c.purge);
  v(4, "Eval", c.eval);
  v.unknown(c.unknown);
}

struct RegisterNode {
  model::Node node;
  std::vector<model::Evaluation> evals;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, RegisterNode& c) {
  v(1, "Node", c.node);
  v(2, "Evals", c.evals);
  v.unknown(c.unknown);
}

struct UpdateNodeStatus {
  base::NodeId node_id;
  model::NodeStatus status = model::NodeStatus::initializing;
  std::string event;
  std::vector<model::Evaluation> evals;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpdateNodeStatus& c) {
  v(1, "NodeID", c.node_id);
  v(2, "Status", c.status);
  v(3, "Event", c.event);
  v(4, "Evals", c.evals);
  v.unknown(c.unknown);
}

struct UpdateNodeEligibility {
  base::NodeId node_id;
  bool eligible = true;
  std::vector<model::Evaluation> evals;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpdateNodeEligibility& c) {
  v(1, "NodeID", c.node_id);
  v(2, "Eligible", c.eligible);
  v(3, "Evals", c.evals);
  v.unknown(c.unknown);
}

/// What a node reports of one allocation. Only what nodes know.
struct AllocReport {
  base::AllocId alloc_id;
  model::ClientStatus client_status = model::ClientStatus::pending;
  std::string client_description;
  std::map<std::string, model::TaskState> task_states;
  std::optional<bool> deployment_healthy;
  base::Instant health_time;
  std::optional<model::NetworkStatus> network_status;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, AllocReport& r) {
  v(1, "AllocID", r.alloc_id);
  v(2, "ClientStatus", r.client_status);
  v(3, "ClientDescription", r.client_description);
  v(4, "TaskStates", r.task_states);
  v(5, "Healthy", r.deployment_healthy);
  v(6, "HealthTime", r.health_time);
  v(7, "NetworkStatus", r.network_status);
  v.unknown(r.unknown);
}

struct UpdateAllocs {
  base::NodeId node_id;  // reports about allocations of other nodes are ignored
  std::vector<AllocReport> reports;
  std::vector<model::Evaluation> evals;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpdateAllocs& c) {
  v(1, "NodeID", c.node_id);
  v(2, "Reports", c.reports);
  v(3, "Evals", c.evals);
  v.unknown(c.unknown);
}

struct UpsertEvals {
  std::vector<model::Evaluation> evals;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertEvals& c) {
  v(1, "Evals", c.evals);
  v.unknown(c.unknown);
}

struct AllocStop {
  base::AllocId alloc_id;
  std::string description;
  std::optional<model::ClientStatus> client_status;  // `lost` when the node is gone
  base::EvalId followup_eval_id;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, AllocStop& s) {
  v(1, "AllocID", s.alloc_id);
  v(2, "Description", s.description);
  v(3, "ClientStatus", s.client_status);
  v(4, "FollowupEvalID", s.followup_eval_id);
  v.unknown(s.unknown);
}

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

/// One plan as the applier let it pass. `placed` holds new allocations and in-place updates. In the
/// log, what the copies of a group share is written once: see share_metrics.
struct PlanResult {
  base::EvalId eval_id;
  std::vector<model::Allocation> placed;
  std::vector<AllocStop> stopped;
  std::optional<model::Deployment> deployment;
  std::vector<DeploymentUpdate> deployment_updates;
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

/// Asks for allocations to go: stop, migrate, reschedule.
struct TransitionAllocs {
  std::map<std::string, model::DesiredTransition> transitions;  // by allocation id
  std::vector<model::Evaluation> evals;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, TransitionAllocs& c) {
  v(1, "Transitions", c.transitions);
  v(2, "Evals", c.evals);
  v.unknown(c.unknown);
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

/// A node's services as they are now: what it had registered for the allocation is replaced.
struct SetAllocServices {
  base::AllocId alloc_id;
  base::NodeId node_id;
  std::vector<model::ServiceRegistration> services;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, SetAllocServices& c) {
  v(1, "AllocID", c.alloc_id);
  v(2, "NodeID", c.node_id);
  v(3, "Services", c.services);
  v.unknown(c.unknown);
}

struct DeleteService {
  std::string ns, service_id;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteService& c) {
  v(1, "Namespace", c.ns);
  v(2, "ServiceID", c.service_id);
  v.unknown(c.unknown);
}

/// A root key as the keyring made it: wrapped private parts, public ones in the clear.
struct RootKey {
  base::Uuid id;
  std::string algorithm = "aes256-gcm";
  bool active = true;
  std::int64_t create_time_ns = 0;
  std::string wrapped_key;      // the data key, sealed under the server's key-encryption key
  std::string wrapped_signing;  // PKCS#8 of the signing key, sealed the same way
  std::string public_pem;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, RootKey& k) {
  v(1, "KeyID", k.id);
  v(2, "Algorithm", k.algorithm);
  v(3, "Active", k.active);
  v(4, "CreateTime", k.create_time_ns);
  v(5, "WrappedKey", k.wrapped_key);
  v(6, "WrappedSigning", k.wrapped_signing);
  v(7, "PublicPem", k.public_pem);
  v(8, "CreateIndex", k.create_index);
  v(9, "ModifyIndex", k.modify_index);
  v.unknown(k.unknown);
}

struct UpsertRootKey {
  RootKey key;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertRootKey& c) {
  v(1, "Key", c.key);
  v.unknown(c.unknown);
}

/// A drain begins (with a strategy), is called off, or is over. `evals` are for what may come back.
struct UpdateNodeDrain {
  base::NodeId node_id;
  std::optional<model::DrainStrategy> strategy;
  bool mark_eligible = false, is_complete = false;
  std::map<std::string, std::string> meta;
  std::vector<model::Evaluation> evals;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpdateNodeDrain& c) {
  v(1, "NodeID", c.node_id);
  v(2, "Strategy", c.strategy);
  v(3, "MarkEligible", c.mark_eligible);
  v(4, "IsComplete", c.is_complete);
  v(5, "Meta", c.meta);
  v(6, "Evals", c.evals);
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

/// Whether a version is one to come back to.
struct SetJobStability {
  std::string ns, job_id;
  std::uint64_t version = 0;
  bool stable = false;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, SetJobStability& c) {
  v(1, "Namespace", c.ns);
  v(2, "JobID", c.job_id);
  v(3, "Version", c.version);
  v(4, "Stable", c.stable);
  v.unknown(c.unknown);
}

using AnyCommand =
    std::variant<RegisterJob, DeregisterJob, RegisterNode, UpdateNodeStatus, UpdateNodeEligibility,
                 UpdateAllocs, UpsertEvals, ApplyPlans, TransitionAllocs, UpdateDeployment,
                 SetAllocServices, DeleteService, UpsertRootKey, Collect, PromoteDeployment,
                 SetAllocHealth, SetJobStability, UpdateNodeDrain>;

struct Command {
  std::int64_t time_ns = 0;  // the proposer's clock
  AnyCommand body;
};

std::string encode_command(const Command& command);
/// Errors: invalid (damaged), unsupported (a kind that this version does not know).
base::Result<Command> decode_command(std::string_view bytes, const JobSource* jobs);

}  // namespace caravan::wire
