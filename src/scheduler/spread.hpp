// SPDX-License-Identifier: Apache-2.0
// What spreading says about each value of an attribute (facts: scheduler semantics, ranking).
#pragma once

#include "scheduler/copies.hpp"

namespace caravan::scheduler {

/// One spread of a group. References outlive it.
class SpreadScale {
 public:
  /// `count`: copies that the group is to have. `weights`: of all of its spreads together.
  SpreadScale(const model::Spread& spread, const Tally& tally, int count, int weights);

  const Tally& tally() const { return tally_; }
  /// Looks at the tally again.
  void update();
  /// How much one more copy is wanted on a node, as of the last update: -1..1.
  double boost(Row row, std::uint32_t kind) const { return boosts_[tally_.column->at(row, kind)]; }

 private:
  void update_even();

  const Tally& tally_;
  double share_ = 0;             // of this spread's weight
  std::vector<double> desired_;  // copies by value; empty: as even as can be
  std::vector<double> boosts_;   // by value
};

}  // namespace caravan::scheduler
