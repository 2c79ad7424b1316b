// SPDX-License-Identifier: Apache-2.0
// An allocation: one copy of a task group on one node. The servers say what is desired, the node
// says what is. A cluster holds a million of them, so an allocation points at its job version
// instead of copying it, and what follows from the job (resources, lifecycles) is computed, not
// stored.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/job.hpp"
#include "model/metric.hpp"
#include "model/node.hpp"
#include "model/task_state.hpp"

namespace caravan::model {

enum class DesiredStatus { run, stop, evict };
constexpr auto enum_names(DesiredStatus) { return std::array{"run"sv, "stop"sv, "evict"sv}; }

enum class ClientStatus { pending, running, complete, failed, lost, unknown };
constexpr auto enum_names(ClientStatus) {
  return std::array{"pending"sv, "running"sv, "complete"sv, "failed"sv, "lost"sv, "unknown"sv};
}

struct AllocDeploymentStatus {
  std::optional<bool> healthy;
  base::Instant timestamp;
  bool canary = false;
  std::uint64_t modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const AllocDeploymentStatus&, const AllocDeploymentStatus&) = default;
};
template <class V>
void fields(V& v, AllocDeploymentStatus& s) {
  v(1, "Healthy", s.healthy);
  v(2, "Timestamp", s.timestamp);
  v(3, "Canary", s.canary);
  v(4, "ModifyIndex", s.modify_index);
  v.unknown(s.unknown);
}

/// Somebody wants tasks to be started anew where they are.
struct RestartOrder {
  std::uint64_t number = 0;        // the index of its log entry; a later order has a higher one
  std::vector<std::string> tasks;  // empty: those that run
  bool all_tasks = false;          // those that have ended too
  base::Unknown unknown;
  friend bool operator==(const RestartOrder&, const RestartOrder&) = default;
};
template <class V>
void fields(V& v, RestartOrder& o) {
  v(1, "Number", o.number);
  v(2, "Tasks", o.tasks);
  v(3, "AllTasks", o.all_tasks);
  v.unknown(o.unknown);
}

struct DesiredTransition {
  std::optional<bool> migrate, reschedule, force_reschedule, no_shutdown_delay;
  std::optional<RestartOrder> restart;
  base::Unknown unknown;
  friend bool operator==(const DesiredTransition&, const DesiredTransition&) = default;
};
template <class V>
void fields(V& v, DesiredTransition& t) {
  v(1, "Migrate", t.migrate);
  v(2, "Reschedule", t.reschedule);
  v(3, "ForceReschedule", t.force_reschedule);
  v(4, "NoShutdownDelay", t.no_shutdown_delay);
  v(5, "Restart", t.restart, omit_empty);
  v.unknown(t.unknown);
}

struct RescheduleEvent {
  std::int64_t time_ns = 0;
  base::AllocId previous_alloc;
  base::NodeId previous_node;
  base::Duration delay{0};
  base::Unknown unknown;
  friend bool operator==(const RescheduleEvent&, const RescheduleEvent&) = default;
};
template <class V>
void fields(V& v, RescheduleEvent& e) {
  v(1, "RescheduleTime", e.time_ns);
  v(2, "PrevAllocID", e.previous_alloc);
  v(3, "PrevNodeID", e.previous_node);
  v(4, "Delay", e.delay);
  v.unknown(e.unknown);
}

struct RescheduleTracker {
  std::vector<RescheduleEvent> events;
  base::Unknown unknown;
  friend bool operator==(const RescheduleTracker&, const RescheduleTracker&) = default;
};
template <class V>
void fields(V& v, RescheduleTracker& t) {
  v(1, "Events", t.events);
  v.unknown(t.unknown);
}

struct NetworkStatus {
  std::string interface, address, address_ipv6;
  std::optional<DnsConfig> dns;
  base::Unknown unknown;
  friend bool operator==(const NetworkStatus&, const NetworkStatus&) = default;
};
template <class V>
void fields(V& v, NetworkStatus& s) {
  v(1, "InterfaceName", s.interface);
  v(2, "Address", s.address);
  v(3, "AddressIPv6", s.address_ipv6);
  v(4, "DNS", s.dns);
  v.unknown(s.unknown);
}

/// Older ones are forgotten.
inline constexpr std::size_t alloc_states_max = 16;

/// A change of what is known of an allocation that outlasts it: when it became unknown, and when
/// its node was heard from again.
struct AllocState {
  std::string field = "ClientStatus", value;
  base::Instant time;
  base::Unknown unknown;
  friend bool operator==(const AllocState&, const AllocState&) = default;
};
template <class V>
void fields(V& v, AllocState& s) {
  v(1, "Field", s.field);
  v(2, "Value", s.value);
  v(3, "Time", s.time);
  v.unknown(s.unknown);
}

struct Allocation {
  base::AllocId id;
  base::EvalId eval_id;
  base::NodeId node_id;
  std::string node_name;
  std::shared_ptr<const Job> job;  // the version it runs; never null once in the state
  std::string group;
  int index = 0;                   // the number in its name
  std::vector<PortMapping> ports;  // what the scheduler gave out
  std::vector<int> reserved_cores;
  std::vector<AllocatedDevice> devices;
  std::shared_ptr<const AllocMetric> metrics;  // shared with the other copies of its plan
  PlacementScore score;

  DesiredStatus desired_status = DesiredStatus::run;
  std::string desired_description;
  DesiredTransition desired_transition;
  ClientStatus client_status = ClientStatus::pending;
  std::string client_description;
  std::map<std::string, TaskState> task_states;

  base::DeploymentId deployment_id;
  std::optional<AllocDeploymentStatus> deployment_status;
  base::EvalId followup_eval_id;
  base::AllocId previous_allocation, next_allocation;
  std::optional<RescheduleTracker> reschedule_tracker;
  std::shared_ptr<const NetworkStatus> network_status;  // null: none was reported
  std::vector<base::AllocId> preempted_allocations;
  base::AllocId preempted_by;
  bool memory_oversubscription = false;  // its tasks may use up to their `memory_max`
  std::vector<AllocState> states;        // oldest first
  std::uint64_t last_report = 0;         // the number of what its node said last; ours

  std::uint64_t create_index = 0, modify_index = 0, alloc_modify_index = 0;
  std::int64_t create_time_ns = 0, modify_time_ns = 0;
  base::Unknown unknown;

  std::string name() const;  // "web.api[0]"
  const TaskGroup& task_group() const;
  /// The metrics of its placement, its own score first.
  AllocMetric placement_metrics() const;

  /// The servers no longer want it.
  bool server_terminal() const { return desired_status != DesiredStatus::run; }
  /// The node has finished with it, or is gone.
  bool client_terminal() const {
    return client_status == ClientStatus::complete || client_status == ClientStatus::failed ||
           client_status == ClientStatus::lost;
  }
  bool terminal() const { return server_terminal() || client_terminal(); }
  /// It runs a new version beside the old one, and nobody has promoted it yet.
  bool is_canary() const { return deployment_status && deployment_status->canary; }
  /// What its rollout knows of its health, if anything.
  std::optional<bool> health() const {
    return deployment_status ? deployment_status->healthy : std::nullopt;
  }
  /// Every task that is not an ended hook finished with exit code 0.
  bool ran_successfully() const;
};

template <class V>
void fields(V& v, Allocation& a) {
  v(1, "ID", a.id);
  v(2, "EvalID", a.eval_id);
  v(3, "NodeID", a.node_id);
  v(4, "NodeName", a.node_name);
  v(5, "Job", a.job);
  v(6, "TaskGroup", a.group);
  v(7, "Index", a.index);
  v(8, "Ports", a.ports);
  v(9, "ReservedCores", a.reserved_cores);
  v(10, "Metrics", a.metrics);
  v(11, "DesiredStatus", a.desired_status);
  v(12, "DesiredDescription", a.desired_description);
  v(13, "DesiredTransition", a.desired_transition);
  v(14, "ClientStatus", a.client_status);
  v(15, "ClientDescription", a.client_description);
  v(16, "TaskStates", a.task_states);
  v(17, "DeploymentID", a.deployment_id);
  v(18, "DeploymentStatus", a.deployment_status);
  v(19, "FollowupEvalID", a.followup_eval_id);
  v(20, "PreviousAllocation", a.previous_allocation);
  v(21, "NextAllocation", a.next_allocation);
  v(22, "RescheduleTracker", a.reschedule_tracker);
  v(23, "NetworkStatus", a.network_status);
  v(24, "PreemptedAllocations", a.preempted_allocations);
  v(25, "PreemptedByAllocation", a.preempted_by);
  v(26, "CreateIndex", a.create_index);
  v(27, "ModifyIndex", a.modify_index);
  v(28, "AllocModifyIndex", a.alloc_modify_index);
  v(29, "CreateTime", a.create_time_ns);
  v(30, "ModifyTime", a.modify_time_ns);
  v(31, "Score", a.score);
  v(32, "AllocStates", a.states);
  v(33, "MemoryOversubscription", a.memory_oversubscription);
  v(34, "Devices", a.devices);
  v(35, "LastReport", a.last_report, omit_empty);
  v.unknown(a.unknown);
}

/// What an allocation holds of its node: MHz, MiB, MiB of disk, dedicated cores. Lifecycle aware:
/// hooks that never run together are not added up.
struct Footprint {
  std::int64_t cpu = 0, memory_mb = 0, disk_mb = 0;
  int cores = 0;
  Footprint& operator+=(const Footprint& other);
  Footprint& operator-=(const Footprint& other);
  friend bool operator==(const Footprint&, const Footprint&) = default;
};
Footprint footprint(const TaskGroup& group);

/// What a node has to give: its resources without what is reserved.
Footprint capacity(const Node& node);

}  // namespace caravan::model
