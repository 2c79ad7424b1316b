// SPDX-License-Identifier: Apache-2.0
#include "scheduler/reschedule.hpp"

namespace caravan::scheduler {
namespace {

/// An unlimited policy needs no more history than its delays do.
constexpr std::size_t events_kept_unlimited = 5;

base::Instant failed_at(const model::Allocation& alloc) {
  base::Instant last;
  for (const auto& [name, state] : alloc.task_states)
    last = std::max(last, state.finished_at);
  return last.is_zero() ? base::Instant{alloc.modify_time_ns} : last;
}

bool ran_too_long(const model::Allocation& alloc) {
  return std::ranges::any_of(alloc.task_states, [](const auto& entry) {
    return std::ranges::find(entry.second.events, model::max_run_duration_event,
                             &model::TaskEvent::type) != entry.second.events.end();
  });
}

base::Instant started_at(const model::Allocation& alloc) {
  base::Instant first;
  for (const auto& [name, state] : alloc.task_states)
    if (!state.started_at.is_zero() && (first.is_zero() || state.started_at < first))
      first = state.started_at;
  return first;
}

base::Duration next_delay(const model::Allocation& alloc, const model::ReschedulePolicy& policy) {
  using enum model::ReschedulePolicy::DelayFunction;
  if (policy.delay_function == constant || !alloc.reschedule_tracker ||
      alloc.reschedule_tracker->events.empty())
    return policy.delay;
  const std::vector<model::RescheduleEvent>& events = alloc.reschedule_tracker->events;
  const base::Duration last = events.back().delay;
  // It ran for longer than the last delay: whatever was wrong then is over, begin anew.
  const base::Instant started = started_at(alloc);
  if (last >= policy.max_delay && !started.is_zero() && failed_at(alloc) - started > last)
    return policy.delay;
  base::Duration delay = last;
  if (policy.delay_function == exponential)
    delay = last * 2;
  else
    delay = events.size() > 1 ? last + events[events.size() - 2].delay : last;
  return std::min(std::max(delay, policy.delay), policy.max_delay);
}

}  // namespace

std::optional<base::Instant> reschedule_time(const model::Allocation& alloc,
                                             const model::TaskGroup& group, base::Instant now) {
  // Elsewhere it would run for as long again.
  if (!group.reschedule || ran_too_long(alloc)) return {};
  const model::ReschedulePolicy& policy = *group.reschedule;
  if (!policy.unlimited) {
    if (policy.attempts <= 0) return {};
    int recent = 0;
    if (alloc.reschedule_tracker)
      for (const model::RescheduleEvent& event : alloc.reschedule_tracker->events)
        if (base::Instant{event.time_ns} > now - policy.interval) ++recent;
    if (recent >= policy.attempts) return {};
  }
  // Its node says when it failed, by a clock that may be ahead of ours.
  return std::min(failed_at(alloc), now) + next_delay(alloc, policy);
}

model::RescheduleTracker next_tracker(const model::Allocation& failed,
                                      const model::TaskGroup& group, base::Instant now) {
  model::RescheduleTracker tracker = failed.reschedule_tracker.value_or(model::RescheduleTracker());
  const model::ReschedulePolicy policy = group.reschedule.value_or(model::ReschedulePolicy());
  if (policy.unlimited && tracker.events.size() >= events_kept_unlimited)
    tracker.events.erase(tracker.events.begin());
  if (!policy.unlimited)
    std::erase_if(tracker.events, [&](const auto& event) {
      return base::Instant{event.time_ns} < now - policy.interval;
    });
  tracker.events.push_back(
      {now.unix_ns, failed.id, failed.node_id, next_delay(failed, policy), {}});
  return tracker;
}

}  // namespace caravan::scheduler
