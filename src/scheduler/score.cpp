// SPDX-License-Identifier: Apache-2.0
#include "scheduler/score.hpp"

#include <cmath>

namespace caravan::scheduler {

double power(std::int64_t free, std::int64_t capacity) {
  if (capacity <= 0) return 1.0;
  return std::pow(10.0, static_cast<double>(free) / static_cast<double>(capacity));
}

double fit_score(const model::Footprint& used, const model::Footprint& capacity,
                 Algorithm algorithm) {
  return fit_score(power(capacity.cpu - used.cpu, capacity.cpu),
                   power(capacity.memory_mb - used.memory_mb, capacity.memory_mb), algorithm);
}

double anti_affinity_score(int already, int count) {
  return -static_cast<double>(already + 1) / static_cast<double>(std::max(count, 1));
}

}  // namespace caravan::scheduler
