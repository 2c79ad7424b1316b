// SPDX-License-Identifier: Apache-2.0
// The scheduler's rules, as slow and as plain as can be: for one more copy of a group, every node
// is judged from the bare state. What the real one does is measured against it.
#pragma once

#include <optional>

#include "state/tables.hpp"

namespace caravan::scheduler::reference {

using AllocRef = state::Ref<model::Allocation>;

/// The state with a plan's first steps: what it stopped, and what it placed so far.
struct Scene {
  const state::Tables& tables;
  const model::Job& job;
  std::set<base::AllocId> stopped;
  std::vector<model::Allocation> placed;

  /// What runs, or will, on the node.
  std::vector<const model::Allocation*> on_node(const base::NodeId& id) const;
  /// The same of the job, anywhere.
  std::vector<const model::Allocation*> of_job() const;
};

/// The score of one more copy there; nothing when the node will not do.
std::optional<double> score(const Scene& scene, const model::TaskGroup& group,
                            const model::Node& node, const std::set<base::NodeId>& avoid);

/// The best score of all nodes.
std::optional<double> best_score(const Scene& scene, const model::TaskGroup& group,
                                 const std::set<base::NodeId>& avoid);

}  // namespace caravan::scheduler::reference
