// SPDX-License-Identifier: Apache-2.0
#include "scheduler/score.hpp"

#include <cmath>

#include "scheduler/constraint.hpp"

namespace caravan::scheduler {
namespace {

constexpr double fit_max = 18.0;

double free_share(std::int64_t used, std::int64_t capacity) {
  return capacity > 0 ? 1.0 - static_cast<double>(used) / static_cast<double>(capacity) : 0.0;
}

}  // namespace

Algorithm algorithm_of(const state::Tables& tables, const model::Job& job) {
  return tables.scheduler_config_for(job.node_pool).algorithm;
}

double fit_score(const model::Footprint& used, const model::Footprint& capacity,
                 Algorithm algorithm) {
  const double total = std::pow(10.0, free_share(used.cpu, capacity.cpu)) +
                       std::pow(10.0, free_share(used.memory_mb, capacity.memory_mb));
  const double raw = algorithm == Algorithm::binpack ? 20.0 - total : total - 2.0;
  return std::clamp(raw, 0.0, fit_max) / fit_max;
}

double anti_affinity_score(int already, int count) {
  return -static_cast<double>(already + 1) / static_cast<double>(std::max(count, 1));
}

std::optional<double> affinity_score(const model::Job& job, const model::TaskGroup& group,
                                     const model::Node& node) {
  double sum = 0, weights = 0;
  const auto add = [&](const std::vector<model::Affinity>& affinities) {
    for (const model::Affinity& a : affinities) {
      weights += std::abs(a.weight);
      if (matches(a.left, a.operand, a.right, node)) sum += a.weight;
    }
  };
  add(job.affinities);
  add(group.affinities);
  for (const model::Task& task : group.tasks)
    add(task.affinities);
  if (weights == 0 || sum == 0) return {};
  return sum / weights;
}

double Score::mean() const {
  if (parts_.empty()) return 0;
  double sum = 0;
  for (const auto& [name, value] : parts_)
    sum += value;
  return sum / static_cast<double>(parts_.size());
}

}  // namespace caravan::scheduler
