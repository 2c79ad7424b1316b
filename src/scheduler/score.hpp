// SPDX-License-Identifier: Apache-2.0
// How good a place is. Each part is in -1..1 and the score of a node is the mean of those that have
// something to say (facts: scheduler semantics, ranking).
#pragma once

#include <map>
#include <string>

#include "model/allocation.hpp"
#include "state/tables.hpp"

namespace caravan::scheduler {

using Algorithm = model::SchedulerAlgorithm;

/// What the job's pool, or else the cluster, has nodes ranked by.
Algorithm algorithm_of(const state::Tables& tables, const model::Job& job);

/// How well a node would be packed, 0..1. `used` includes the new allocation and fits.
/// Source: Google's "best fit v3", scaled from 0..18.
double fit_score(const model::Footprint& used, const model::Footprint& capacity,
                 Algorithm algorithm);

/// Discourages a second copy of a group on a node that has `already` of them: 0..-1 and below.
double anti_affinity_score(int already, int count);

/// Sum of the weights of the affinities that match over the sum of all weights; nothing when there
/// are none.
std::optional<double> affinity_score(const model::Job& job, const model::TaskGroup& group,
                                     const model::Node& node);

/// Collects the parts of one node's score.
class Score {
 public:
  void add(const char* name, double value) { parts_.emplace(name, value); }
  double mean() const;
  const std::map<std::string, double>& parts() const { return parts_; }

 private:
  std::map<std::string, double> parts_;
};

}  // namespace caravan::scheduler
