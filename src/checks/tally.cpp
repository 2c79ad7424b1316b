// SPDX-License-Identifier: Apache-2.0
#include "checks/tally.hpp"

#include <algorithm>

namespace caravan::checks {

using model::Health;

Health Tally::note(Health found, const Thresholds& thresholds, Health before) {
  const int to_critical = std::max(thresholds.failures_before_critical, 1);
  const int to_warning =
      thresholds.failures_before_warning > 0 ? thresholds.failures_before_warning : to_critical;
  if (found == Health::critical) {
    successes_ = 0;
    ++failures_;
    if (failures_ >= to_critical) return Health::critical;
    return failures_ >= to_warning ? Health::warning : before;
  }
  failures_ = 0;
  ++successes_;
  return successes_ >= std::max(thresholds.success_before_passing, 1) ? found : before;
}

}  // namespace caravan::checks
