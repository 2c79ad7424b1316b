// SPDX-License-Identifier: Apache-2.0
// What becomes of allocations after they were placed: what their nodes report, what is asked of
// them, and the services they offer.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/job_restart.hpp"
#include "model/evaluation.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// What a node reports of one allocation. Only what nodes know.
struct AllocReport {
  base::AllocId alloc_id;
  model::ClientStatus client_status = model::ClientStatus::pending;
  std::string client_description;
  std::map<std::string, model::TaskState> task_states;
  std::optional<bool> deployment_healthy;
  base::Instant health_time;
  std::shared_ptr<const model::NetworkStatus> network_status;
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
  std::uint64_t restored = 0;  // what the node knew of the newest restore; of another one: refused
  std::uint64_t number = 0;    // as NodeReportRequest; 0: not told
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpdateAllocs& c) {
  v(1, "NodeID", c.node_id);
  v(2, "Reports", c.reports);
  v(3, "Evals", c.evals);
  v(4, "Restored", c.restored);
  v(5, "Number", c.number);
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

/// A restart of a job begins or comes further: together with what its allocations are asked for.
/// Nothing happens when the one that is known has another modify_index than `expected_index` (0:
/// none is known), or when a new one comes while another is active.
struct UpsertJobRestart {
  model::JobRestart restart;
  std::uint64_t expected_index = 0;
  TransitionAllocs transitions;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertJobRestart& c) {
  v(1, "Restart", c.restart);
  v(2, "ExpectedIndex", c.expected_index);
  v(3, "Transitions", c.transitions);
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

}  // namespace caravan::wire
