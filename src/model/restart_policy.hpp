// SPDX-License-Identifier: Apache-2.0
// When a task that ended is started again on its node, and when its allocation moves to another
// one.
#pragma once

#include "model/field.hpp"

namespace caravan::model {

/// How often a task may fail before its allocation does. Defaults: service jobs; wire fills in the
/// batch ones (3 in 24 h) where a job says nothing.
struct RestartPolicy {
  enum class Mode { delay, fail };
  int attempts = 2;  // restarts allowed within `interval`
  base::Duration interval = base::Duration(1'800'000'000'000);
  base::Duration delay = base::Duration(15'000'000'000);
  Mode mode = Mode::fail;
  bool render_templates = false;
  base::Unknown unknown;
  friend bool operator==(const RestartPolicy&, const RestartPolicy&) = default;
};
constexpr auto enum_names(RestartPolicy::Mode) { return std::array{"delay"sv, "fail"sv}; }
template <class V>
void fields(V& v, RestartPolicy& p) {
  v(1, "Attempts", p.attempts);
  v(2, "Interval", p.interval);
  v(3, "Delay", p.delay);
  v(4, "Mode", p.mode);
  v(5, "RenderTemplates", p.render_templates);
  v.unknown(p.unknown);
}

/// Defaults: service jobs (unlimited, exponential from 30 s to 1 h). Batch: once a day after 5 s.
struct ReschedulePolicy {
  enum class DelayFunction { constant, exponential, fibonacci };
  int attempts = 0;
  base::Duration interval{0};
  base::Duration delay = base::Duration(30'000'000'000);
  DelayFunction delay_function = DelayFunction::exponential;
  base::Duration max_delay = base::Duration(3'600'000'000'000);
  bool unlimited = true;
  base::Unknown unknown;
  friend bool operator==(const ReschedulePolicy&, const ReschedulePolicy&) = default;
};
constexpr auto enum_names(ReschedulePolicy::DelayFunction) {
  return std::array{"constant"sv, "exponential"sv, "fibonacci"sv};
}
template <class V>
void fields(V& v, ReschedulePolicy& p) {
  v(1, "Attempts", p.attempts);
  v(2, "Interval", p.interval);
  v(3, "Delay", p.delay);
  v(4, "DelayFunction", p.delay_function);
  v(5, "MaxDelay", p.max_delay);
  v(6, "Unlimited", p.unlimited);
  v.unknown(p.unknown);
}

}  // namespace caravan::model
