// SPDX-License-Identifier: Apache-2.0
// What becomes of nodes: registered, heard from or not, drained, given work or none.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/evaluation.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

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

/// Nodes that somebody takes out of the cluster; what ran there is somebody else's from now on.
struct PurgeNodes {
  std::vector<base::NodeId> nodes;
  std::vector<model::Evaluation> evals;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, PurgeNodes& c) {
  v(1, "Nodes", c.nodes);
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

}  // namespace caravan::wire
