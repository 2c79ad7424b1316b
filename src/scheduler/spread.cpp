// SPDX-License-Identifier: Apache-2.0
#include "scheduler/spread.hpp"

#include <algorithm>

namespace caravan::scheduler {

SpreadScale::SpreadScale(const model::Spread& spread, const Tally& tally, int count, int weights)
    : tally_(tally), boosts_(tally.counts.size()) {
  boosts_[0] = -1;  // a node that does not have the attribute
  if (spread.targets.empty()) return;
  share_ = weights == 0 ? 0 : static_cast<double>(spread.weight) / weights;
  double rest = 100;
  for (const model::SpreadTarget& t : spread.targets)
    rest -= t.percent;
  // What no target names is one implicit target, which has what is left.
  desired_.assign(boosts_.size(), rest * count / 100.0);
  for (const model::SpreadTarget& t : spread.targets)
    if (const auto id = tally.column->index.find(t.value); id != tally.column->index.end())
      desired_[id->second] = t.percent * count / 100.0;
}

void SpreadScale::update() {
  if (desired_.empty()) return update_even();
  for (std::size_t id = 1; id < boosts_.size(); ++id)
    boosts_[id] =
        desired_[id] <= 0 ? -1 : (desired_[id] - (tally_.counts[id] + 1)) / desired_[id] * share_;
}

/// Compares each value with those that are in use.
void SpreadScale::update_even() {
  int least = 0, most = 0;
  for (const int n : tally_.counts) {
    if (n <= 0) continue;
    least = least == 0 ? n : std::min(least, n);
    most = std::max(most, n);
  }
  for (std::size_t id = 1; id < boosts_.size(); ++id) {
    const int mine = std::max(tally_.counts[id], 0);
    const double low = std::min(least, mine);
    if (most == 0)
      boosts_[id] = 0;  // nothing is placed yet: no value is better than another
    else if (mine > low)
      boosts_[id] = (low - mine) / low;
    else if (low == most)
      boosts_[id] = -1;
    else
      boosts_[id] = low == 0 ? 1.0 : (most - low) / low;
  }
}

}  // namespace caravan::scheduler
