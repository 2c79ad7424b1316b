// SPDX-License-Identifier: Apache-2.0
// How new versions replace old ones, and how allocations leave a draining node.
#pragma once

#include <string>

#include "model/field.hpp"

namespace caravan::model {

enum class HealthCheck { checks, task_states, manual };
constexpr auto enum_names(HealthCheck) {
  return std::array{"checks"sv, "task_states"sv, "manual"sv};
}

struct UpdateStrategy {
  base::Duration stagger = base::Duration(30'000'000'000);
  int max_parallel = 1;  // 0 replaces all at once
  HealthCheck health_check = HealthCheck::checks;
  base::Duration min_healthy_time = base::Duration(10'000'000'000);
  base::Duration healthy_deadline = base::Duration(300'000'000'000);
  base::Duration progress_deadline = base::Duration(600'000'000'000);
  bool auto_revert = false, auto_promote = false;
  int canary = 0;
  /// What a change of only env and meta does: "" or "replace" replaces allocations; "noop" lets
  /// tasks go on as they are, "restart" and "signal" do that to those it concerns, where they are.
  std::string change_mode, change_signal;
  base::Unknown unknown;

  bool replaces_for_environment() const { return change_mode.empty() || change_mode == "replace"; }
  friend bool operator==(const UpdateStrategy&, const UpdateStrategy&) = default;
};
template <class V>
void fields(V& v, UpdateStrategy& u) {
  v(1, "Stagger", u.stagger);
  v(2, "MaxParallel", u.max_parallel);
  v(3, "HealthCheck", u.health_check);
  v(4, "MinHealthyTime", u.min_healthy_time);
  v(5, "HealthyDeadline", u.healthy_deadline);
  v(6, "ProgressDeadline", u.progress_deadline);
  v(7, "AutoRevert", u.auto_revert);
  v(8, "AutoPromote", u.auto_promote);
  v(9, "Canary", u.canary);
  v(10, "ChangeMode", u.change_mode, omit_empty);
  v(11, "ChangeSignal", u.change_signal, omit_empty);
  v.unknown(u.unknown);
}

struct MigrateStrategy {
  int max_parallel = 1;
  HealthCheck health_check = HealthCheck::checks;
  base::Duration min_healthy_time = base::Duration(10'000'000'000);
  base::Duration healthy_deadline = base::Duration(300'000'000'000);
  base::Unknown unknown;
  friend bool operator==(const MigrateStrategy&, const MigrateStrategy&) = default;
};
template <class V>
void fields(V& v, MigrateStrategy& m) {
  v(1, "MaxParallel", m.max_parallel);
  v(2, "HealthCheck", m.health_check);
  v(3, "MinHealthyTime", m.min_healthy_time);
  v(4, "HealthyDeadline", m.healthy_deadline);
  v.unknown(m.unknown);
}

}  // namespace caravan::model
