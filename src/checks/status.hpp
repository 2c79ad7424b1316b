// SPDX-License-Identifier: Apache-2.0
// What is known of one check: its newest result, and whether its failures ask for a restart. Pure.
#pragma once

#include <optional>

#include "checks/probe.hpp"
#include "model/service.hpp"

namespace caravan::checks {

class Status {
 public:
  /// Nothing is known, as before the first probe.
  void forget();
  /// `since`: for how long the task has been running. True when the task is to be restarted, at
  /// most once per `limit` failures in a row; failures within the grace time do not count.
  bool note(const Outcome& outcome, base::Instant now,
            const std::optional<model::CheckRestart>& restart, base::Duration since);

  bool is_known() const { return known_; }
  bool is_passing() const { return known_ && outcome_.passing; }
  /// "success", "failure" or "pending".
  const char* name() const {
    return !known_ ? "pending" : outcome_.passing ? "success" : "failure";
  }
  const Outcome& outcome() const { return outcome_; }
  base::Instant time() const { return time_; }

 private:
  bool known_ = false;
  Outcome outcome_;
  base::Instant time_;
  int failures_ = 0;
};

}  // namespace caravan::checks
