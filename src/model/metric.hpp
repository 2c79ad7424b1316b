// SPDX-License-Identifier: Apache-2.0
// What the scheduler saw while it looked for a node: how many were filtered and why, how many were
// full in which dimension, and the best scores. The copies that one plan places of a group share
// it; failed placements have their own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/field.hpp"

namespace caravan::model {

struct NodeScore {
  base::NodeId node_id;
  std::map<std::string, double> scores;  // "binpack", "job-anti-affinity", …
  double norm_score = 0;
  base::Unknown unknown;
  friend bool operator==(const NodeScore&, const NodeScore&) = default;
};
template <class V>
void fields(V& v, NodeScore& s) {
  v(1, "NodeID", s.node_id);
  v(2, "Scores", s.scores);
  v(3, "NormScore", s.norm_score);
  v.unknown(s.unknown);
}

/// What one placement scored, in millionths (-1'000'000..1'000'000). Small, because every
/// allocation has its own, while a group shares what else was seen. 0: that part had no say.
struct PlacementScore {
  int binpack = 0, anti_affinity = 0, reschedule_penalty = 0, affinity = 0, spread = 0;
  int preemption = 0;  // how unimportant what ends for it is
  int devices = 0;     // how well its devices match the affinities of their requests
  base::Unknown unknown;

  /// Under the names that users know, with the mean of the parts that had a say.
  NodeScore named(const base::NodeId& node) const;
  friend bool operator==(const PlacementScore&, const PlacementScore&) = default;
};
template <class V>
void fields(V& v, PlacementScore& s) {
  v(1, "Binpack", s.binpack);
  v(2, "AntiAffinity", s.anti_affinity);
  v(3, "ReschedulePenalty", s.reschedule_penalty);
  v(4, "Affinity", s.affinity);
  v(5, "Spread", s.spread);
  v(6, "Preemption", s.preemption);
  v(7, "Devices", s.devices);
  v.unknown(s.unknown);
}

struct AllocMetric {
  int nodes_evaluated = 0, nodes_filtered = 0, nodes_in_pool = 0;
  std::string node_pool;
  std::map<std::string, int> nodes_available;  // by datacenter
  std::map<std::string, int> class_filtered, constraint_filtered;
  int nodes_exhausted = 0;
  std::map<std::string, int> class_exhausted, dimension_exhausted;
  std::vector<std::string> quota_exhausted;
  base::Duration allocation_time{0};
  int coalesced_failures = 0;
  std::vector<NodeScore> score_meta;  // the best five at first
  base::Unknown unknown;
  friend bool operator==(const AllocMetric&, const AllocMetric&) = default;
};
template <class V>
void fields(V& v, AllocMetric& m) {
  v(1, "NodesEvaluated", m.nodes_evaluated);
  v(2, "NodesFiltered", m.nodes_filtered);
  v(3, "NodesInPool", m.nodes_in_pool);
  v(4, "NodePool", m.node_pool);
  v(5, "NodesAvailable", m.nodes_available);
  v(6, "ClassFiltered", m.class_filtered);
  v(7, "ConstraintFiltered", m.constraint_filtered);
  v(8, "NodesExhausted", m.nodes_exhausted);
  v(9, "ClassExhausted", m.class_exhausted);
  v(10, "DimensionExhausted", m.dimension_exhausted);
  v(11, "QuotaExhausted", m.quota_exhausted);
  v(12, "AllocationTime", m.allocation_time);
  v(13, "CoalescedFailures", m.coalesced_failures);
  v(14, "ScoreMetaData", m.score_meta);
  v.unknown(m.unknown);
}

}  // namespace caravan::model
