// SPDX-License-Identifier: Apache-2.0
// How many results in a row it takes until a check is said to be well, or not. Pure.
#pragma once

#include "model/catalog.hpp"

namespace caravan::checks {

/// 0 counts as 1; without a number of its own, a warning comes with the critical one.
struct Thresholds {
  int success_before_passing = 0, failures_before_warning = 0, failures_before_critical = 0;
};

class Tally {
 public:
  /// What the check is after this result; `before`: what it was.
  model::Health note(model::Health found, const Thresholds& thresholds, model::Health before);

 private:
  int successes_ = 0, failures_ = 0;
};

}  // namespace caravan::checks
