// SPDX-License-Identifier: Apache-2.0
#include "checks/status.hpp"

namespace caravan::checks {

void Status::forget() { *this = Status(); }

bool Status::note(const Outcome& outcome, base::Instant now,
                  const std::optional<model::CheckRestart>& restart, base::Duration since) {
  known_ = true;
  outcome_ = outcome;
  time_ = now;
  const bool is_only_warned =
      restart && restart->ignore_warnings && outcome.health == model::Health::warning;
  if (outcome.passing || is_only_warned || !restart || since < restart->grace) {
    failures_ = 0;
    return false;
  }
  ++failures_;
  if (restart->limit <= 0 || failures_ < restart->limit) return false;
  failures_ = 0;
  return true;
}

}  // namespace caravan::checks
