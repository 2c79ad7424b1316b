// SPDX-License-Identifier: Apache-2.0
#include "scheduler/sorted.hpp"

#include "scheduler/disconnect.hpp"
#include "scheduler/reschedule.hpp"

namespace caravan::scheduler {
namespace {

using base::Instant;
using model::ClientStatus;

/// A follow-up that is due within this time is treated as due: timers are not exact.
constexpr base::Duration due_soon{1'000'000'000};

bool wants(const std::optional<bool>& flag) { return flag.value_or(false); }

void sort_failed(const GroupQuestion& q, const AllocRef& alloc, Sorted& sorted) {
  if (!alloc->next_allocation.is_nil()) return;
  const bool forced = wants(alloc->desired_transition.force_reschedule);
  const std::optional<Instant> when = reschedule_time(*alloc, q.group, q.now);
  if (!when && !forced) return sorted.spent.push_back(alloc);
  const bool due = forced || *when <= q.now + due_soon || alloc->followup_eval_id == q.eval.id;
  if (due)
    sorted.failed_now.push_back(alloc);
  else
    sorted.failed_later.push_back({alloc, *when});
}

void sort_terminal(const GroupQuestion& q, const AllocRef& alloc, Sorted& sorted) {
  const bool batch = q.job.type == model::JobType::batch;
  if (batch && is_older(q, *alloc)) return;  // a changed batch job runs anew
  if (alloc->client_status == ClientStatus::failed) return sort_failed(q, alloc, sorted);
  if (batch && alloc->client_status == ClientStatus::complete && alloc->ran_successfully())
    sorted.spent.push_back(alloc);
}

}  // namespace

namespace {

void sort_silent(const GroupQuestion& q, const AllocRef& alloc, Sorted& sorted, GroupDiff& diff) {
  const Silence silence = silence_of(q.tables, *alloc, q.now);
  switch (silence.kind) {
    case Silence::Kind::begins:
      diff.silent.push_back({alloc, silence.until});
      [[fallthrough]];
    case Silence::Kind::unknown:
      return sorted.unknown.push_back(alloc);
    case Silence::Kind::ends_soon:
      return sorted.failed_later.push_back({alloc, silence.until});
    case Silence::Kind::heard:
    case Silence::Kind::lost:
      return sorted.lost.push_back(alloc);
  }
}

}  // namespace

bool is_older(const GroupQuestion& q, const model::Allocation& alloc) {
  return alloc.job->version < q.job.version || alloc.job->create_index < q.job.create_index;
}

Sorted sort_allocs(const GroupQuestion& q, const std::vector<AllocRef>& allocs, GroupDiff& diff) {
  Sorted sorted;
  for (const AllocRef& alloc : allocs) {
    if (alloc->group != q.group.name) continue;
    const bool gone = node_lost(q.tables, alloc->node_id);
    if (alloc->server_terminal()) {
      if (gone && !alloc->client_terminal())
        diff.stop.push_back({alloc, alloc->desired_description, ClientStatus::lost});
    } else if (alloc->client_terminal()) {
      sort_terminal(q, alloc, sorted);
    } else if (gone) {
      sort_silent(q, alloc, sorted, diff);
    } else if (wants(alloc->desired_transition.migrate)) {
      sorted.migrate.push_back(alloc);
    } else {
      sorted.running.push_back(alloc);
    }
  }
  return sorted;
}

std::set<int> used_numbers(const Sorted& sorted) {
  std::set<int> used;
  for (const auto* list : {&sorted.running, &sorted.migrate, &sorted.lost, &sorted.unknown,
                           &sorted.failed_now, &sorted.spent})
    for (const AllocRef& alloc : *list)
      used.insert(alloc->index);
  for (const Later& later : sorted.failed_later)
    used.insert(later.alloc->index);
  return used;
}

}  // namespace caravan::scheduler
