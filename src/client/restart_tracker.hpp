// SPDX-License-Identifier: Apache-2.0
// Whether a task that ended is started again, and when. Pure: told the time and what happened.
#pragma once

#include "base/time.hpp"
#include "model/job.hpp"

namespace caravan::client {

struct RestartDecision {
  enum class Kind { restart, give_up, finish } kind = Kind::give_up;
  base::Duration delay{0};  // without jitter
  std::string reason;       // as task events show it
};

class RestartTracker {
 public:
  RestartTracker(const model::RestartPolicy& policy, bool restart_on_success)
      : policy_(policy), restart_on_success_(restart_on_success) {}

  RestartDecision on_exit(bool success, base::Instant now);
  /// `recoverable` false: trying again would fail the same way.
  RestartDecision on_start_error(bool recoverable, base::Instant now);

  int count() const { return count_; }
  base::Instant window_start() const { return window_start_; }
  void restore(int count, base::Instant window_start) {
    count_ = count;
    window_start_ = window_start;
  }

 private:
  RestartDecision count_one(base::Instant now);

  model::RestartPolicy policy_;
  bool restart_on_success_;
  int count_ = 0;
  base::Instant window_start_;
};

/// Services go on for ever, and so do sidecars; other tasks are done when they succeed.
bool restarts_on_success(const model::Job& job, const model::Task& task);

}  // namespace caravan::client
