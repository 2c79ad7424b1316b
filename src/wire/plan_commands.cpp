// SPDX-License-Identifier: Apache-2.0
#include "wire/plan_commands.hpp"

#include <map>

namespace caravan::wire {

void PlanResult::share_metrics() {
  std::map<const model::AllocMetric*, int> known;
  for (model::Allocation& alloc : placed) {
    if (!alloc.metrics) {
      metrics_of.push_back(-1);
      continue;
    }
    const auto [entry, is_new] =
        known.try_emplace(alloc.metrics.get(), static_cast<int>(metrics.size()));
    if (is_new) metrics.push_back(alloc.metrics);
    metrics_of.push_back(entry->second);
    alloc.metrics = nullptr;
  }
}

std::shared_ptr<const model::AllocMetric> PlanResult::metrics_at(std::size_t number) const {
  if (number >= metrics_of.size()) return placed[number].metrics;
  const auto at = static_cast<std::size_t>(metrics_of[number]);
  return at < metrics.size() ? metrics[at] : placed[number].metrics;
}

}  // namespace caravan::wire
