// SPDX-License-Identifier: Apache-2.0
#include "client/restart_tracker.hpp"

#include <fmt/core.h>

namespace caravan::client {

using Kind = RestartDecision::Kind;

bool restarts_on_success(const model::Job& job, const model::Task& task) {
  if (task.lifecycle) return task.lifecycle->sidecar && !task.is_poststop();
  return job.type == model::JobType::service || job.type == model::JobType::system;
}

RestartDecision RestartTracker::on_exit(bool success, base::Instant now) {
  if (success && !restart_on_success_)
    return {Kind::finish, {}, "Restart unnecessary as task terminated successfully"};
  return count_one(now);
}

RestartDecision RestartTracker::on_start_error(bool recoverable, base::Instant now) {
  if (!recoverable) return {Kind::give_up, {}, "Error was unrecoverable"};
  return count_one(now);
}

RestartDecision RestartTracker::count_one(base::Instant now) {
  if (policy_.attempts == 0) return {Kind::give_up, {}, "Policy allows no restarts"};
  if (window_start_.is_zero() || now >= window_start_ + policy_.interval) {
    window_start_ = now;
    count_ = 0;
  }
  ++count_;
  if (count_ <= policy_.attempts) return {Kind::restart, policy_.delay, "Restart within policy"};
  if (policy_.mode == model::RestartPolicy::Mode::fail)
    return {Kind::give_up,
            {},
            fmt::format("Exceeded allowed attempts {} in interval {} and mode is \"fail\"",
                        policy_.attempts, base::format_duration(policy_.interval))};
  return {Kind::restart, window_start_ + policy_.interval - now,
          "Exceeded allowed attempts, applying a delay"};
}

}  // namespace caravan::client
