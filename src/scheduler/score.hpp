// SPDX-License-Identifier: Apache-2.0
// How good a place is. Each part is in -1..1 and the score of a node is the mean of those that have
// something to say (facts: scheduler semantics, ranking).
#pragma once

#include <algorithm>
#include <string>

#include "model/allocation.hpp"
#include "state/tables.hpp"

namespace caravan::scheduler {

using Algorithm = model::SchedulerAlgorithm;

/// Ten to the share of `capacity` that is free: what best fit sums up. A placement divides it by
/// ten to the share that it takes, so a scan of all nodes needs no power of its own.
double power(std::int64_t free, std::int64_t capacity);
/// How well a node with these powers left is packed, 0..1; `spread` wants it empty instead.
/// Source: Google's "best fit v3", scaled from 0..18.
inline double fit_score(double cpu_power, double memory_power, Algorithm algorithm) {
  constexpr double fit_max = 18.0;
  const double total = cpu_power + memory_power;
  const double raw = algorithm == Algorithm::binpack ? 20.0 - total : total - 2.0;
  return std::clamp(raw, 0.0, fit_max) / fit_max;
}
/// The same from amounts. `used` includes the new allocation and fits.
double fit_score(const model::Footprint& used, const model::Footprint& capacity,
                 Algorithm algorithm);

/// Discourages a second copy of a group on a node that has `already` of them: 0..-1 and below.
double anti_affinity_score(int already, int count);

}  // namespace caravan::scheduler
