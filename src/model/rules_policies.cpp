// SPDX-License-Identifier: Apache-2.0
// Constraints, and the policies of restarts, reschedules and updates.
#include <set>

#include "model/rules.hpp"

namespace caravan::model::rules {

using base::Duration;

void check_constraints(Complaints& c, const std::string& path,
                       const std::vector<Constraint>& list) {
  static const std::set<std::string> operands = {"=",
                                                 "==",
                                                 "is",
                                                 "!=",
                                                 "not",
                                                 "<",
                                                 "<=",
                                                 ">",
                                                 ">=",
                                                 "version",
                                                 "semver",
                                                 "regexp",
                                                 "set_contains",
                                                 "set_contains_all",
                                                 "set_contains_any",
                                                 "is_set",
                                                 "is_not_set",
                                                 "distinct_hosts",
                                                 "distinct_property"};
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Constraint& constraint = list[i];
    const std::string at = fmt::format("{}.Constraints[{}]", path, i);
    if (!operands.contains(constraint.operand)) {
      c.add("{}.Operand: \"{}\" is not an operator", at, base::printable(constraint.operand, 64));
      continue;
    }
    const bool unary = constraint.operand == "is_set" || constraint.operand == "is_not_set";
    if (constraint.operand != "distinct_hosts" && constraint.left.empty())
      c.add("{}.LTarget: missing; operator \"{}\" needs an attribute", at, constraint.operand);
    if (!unary && constraint.operand != "distinct_hosts" &&
        constraint.operand != "distinct_property" && constraint.right.empty())
      c.add("{}.RTarget: missing; operator \"{}\" needs a value", at, constraint.operand);
  }
}

void check_restart(Complaints& c, const std::string& path, const RestartPolicy& p) {
  const std::string at = path + ".RestartPolicy";
  c.range(at + ".Attempts", p.attempts, 0, 1'000'000);
  c.not_negative(at + ".Delay", p.delay);
  if (p.interval < 5 * second)
    c.add("{}.Interval: {} is below 5s", at, base::format_duration(p.interval));
  if (p.attempts == 0 && p.mode != RestartPolicy::Mode::fail)
    c.add("{}.Attempts: 0 attempts need mode \"fail\"", at);
  if (p.attempts > 0 && p.delay > Duration(0) && p.delay > p.interval / p.attempts)
    c.add("{}: {} attempts with a delay of {} do not fit into an interval of {}", at, p.attempts,
          base::format_duration(p.delay), base::format_duration(p.interval));
}

void check_reschedule(Complaints& c, const std::string& path, const ReschedulePolicy& p) {
  const std::string at = path + ".ReschedulePolicy";
  if (p.attempts == 0 && !p.unlimited) return;
  if (p.unlimited && p.attempts > 0)
    c.add("{}: unlimited and {} attempts exclude each other", at, p.attempts);
  if (p.delay < 5 * second) c.add("{}.Delay: {} is below 5s", at, base::format_duration(p.delay));
  const bool constant = p.delay_function == ReschedulePolicy::DelayFunction::constant;
  if (!constant && p.max_delay < p.delay)
    c.add("{}.MaxDelay: {} is below the delay of {}", at, base::format_duration(p.max_delay),
          base::format_duration(p.delay));
  if (!p.unlimited && p.interval < 15 * second)
    c.add("{}.Interval: {} is below 15s", at, base::format_duration(p.interval));
}

void check_update(Complaints& c, const std::string& path, const UpdateStrategy& u, int count) {
  const std::string at = path + ".Update";
  c.range(at + ".MaxParallel", u.max_parallel, 0, group_count_max);
  c.range(at + ".Canary", u.canary, 0, group_count_max);
  if (u.stagger <= Duration(0)) c.add("{}.Stagger: must be above 0s", at);
  c.not_negative(at + ".MinHealthyTime", u.min_healthy_time);
  if (u.healthy_deadline <= u.min_healthy_time)
    c.add("{}.HealthyDeadline: {} is not above min_healthy_time {}", at,
          base::format_duration(u.healthy_deadline), base::format_duration(u.min_healthy_time));
  if (u.progress_deadline != Duration(0) && u.progress_deadline <= u.healthy_deadline)
    c.add("{}.ProgressDeadline: {} is not above healthy_deadline {}", at,
          base::format_duration(u.progress_deadline), base::format_duration(u.healthy_deadline));
  if (!u.replaces_for_environment() && u.change_mode != "noop" && u.change_mode != "restart" &&
      u.change_mode != "signal")
    c.add("{}.ChangeMode: \"{}\" is none of replace, noop, restart, signal", at,
          base::printable(u.change_mode, 64));
  if ((u.change_mode == "signal") != !u.change_signal.empty())
    c.add("{}.ChangeSignal: belongs to change_mode \"signal\", which needs one", at);
  if (u.auto_promote && u.canary == 0 && count > 0)
    c.add("{}.AutoPromote: needs canary above 0", at);
}

}  // namespace caravan::model::rules
