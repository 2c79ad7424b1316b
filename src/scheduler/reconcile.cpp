// SPDX-License-Identifier: Apache-2.0
#include "scheduler/reconcile.hpp"

#include <set>

#include "scheduler/reschedule.hpp"
#include "scheduler/tasks_updated.hpp"

namespace caravan::scheduler {
namespace {

using base::Instant;
using model::ClientStatus;

/// A follow-up that is due within this time is treated as due: timers are not exact.
constexpr base::Duration due_soon{1'000'000'000};

/// The group's allocations by what is to become of them.
struct Sorted {
  std::vector<AllocRef> running;     // wanted, and where they should be
  std::vector<AllocRef> migrate;     // asked to move
  std::vector<AllocRef> lost;        // their node is gone
  std::vector<AllocRef> failed_now;  // to be replaced now
  std::vector<Later> failed_later;
  std::vector<AllocRef> spent;  // ended, and keep their place: done, or out of attempts

  std::size_t places() const {
    return running.size() + migrate.size() + lost.size() + failed_now.size() + failed_later.size() +
           spent.size();
  }
};

bool wants(const std::optional<bool>& flag) { return flag.value_or(false); }

/// An allocation of an older job version, or of an earlier job of the same name.
bool is_older(const GroupQuestion& q, const model::Allocation& alloc) {
  return alloc.job->version < q.job.version || alloc.job->create_index < q.job.create_index;
}

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

Sorted sort(const GroupQuestion& q, const std::vector<AllocRef>& allocs, GroupDiff& diff) {
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
      sorted.lost.push_back(alloc);
    } else if (wants(alloc->desired_transition.migrate)) {
      sorted.migrate.push_back(alloc);
    } else {
      sorted.running.push_back(alloc);
    }
  }
  return sorted;
}

/// Ends what is over the count: first what does not run anyway, then the highest numbers.
void trim(const GroupQuestion& q, Sorted& sorted, GroupDiff& diff) {
  const auto wanted = static_cast<std::size_t>(q.group.count);
  const auto over = [&] { return sorted.places() > wanted; };
  for (; over() && !sorted.lost.empty(); sorted.lost.pop_back())
    diff.stop.push_back({sorted.lost.back(), why::lost, ClientStatus::lost});
  for (; over() && !sorted.failed_later.empty(); sorted.failed_later.pop_back())
    diff.stop.push_back({sorted.failed_later.back().alloc, why::not_needed, {}});
  for (; over() && !sorted.failed_now.empty(); sorted.failed_now.pop_back())
    diff.stop.push_back({sorted.failed_now.back(), why::not_needed, {}});
  const bool batch = q.job.type == model::JobType::batch;
  for (; over() && !sorted.spent.empty() && !batch; sorted.spent.pop_back())
    diff.stop.push_back({sorted.spent.back(), why::not_needed, {}});
  for (; over() && !sorted.migrate.empty(); sorted.migrate.pop_back())
    diff.stop.push_back({sorted.migrate.back(), why::not_needed, {}});
  std::ranges::sort(sorted.running, {},
                    [](const AllocRef& a) { return std::pair(a->index, a->id); });
  for (; over() && !sorted.running.empty(); sorted.running.pop_back())
    diff.stop.push_back({sorted.running.back(), why::not_needed, {}});
}

std::set<int> used_numbers(const Sorted& sorted) {
  std::set<int> used;
  for (const auto* list :
       {&sorted.running, &sorted.migrate, &sorted.lost, &sorted.failed_now, &sorted.spent})
    for (const AllocRef& alloc : *list)
      used.insert(alloc->index);
  for (const Later& later : sorted.failed_later)
    used.insert(later.alloc->index);
  return used;
}

/// How many may be replaced by the new version right now: `max_parallel` less those that are on
/// their way and not yet known to be well. One that is unwell holds everything.
int update_room(const GroupQuestion& q, const Sorted& sorted) {
  if (!q.group.update || q.group.update->max_parallel == 0) return q.group.count;
  if (q.halted) return 0;
  int room = q.group.update->max_parallel;
  if (!q.deployment) return room;
  const auto is_of_it = [&](const AllocRef& alloc) {
    return alloc->deployment_id == q.deployment->id;
  };
  const auto is_later_of_it = [&](const Later& later) { return is_of_it(later.alloc); };
  if (std::ranges::any_of(sorted.spent, is_of_it) ||
      std::ranges::any_of(sorted.failed_later, is_later_of_it))
    return 0;
  room -= static_cast<int>(std::ranges::count_if(sorted.failed_now, is_of_it));
  for (const AllocRef& alloc : sorted.running) {
    if (!is_of_it(alloc)) continue;
    const std::optional<bool> healthy =
        alloc->deployment_status ? alloc->deployment_status->healthy : std::nullopt;
    if (healthy == false) return 0;
    if (!healthy) --room;
  }
  return std::max(room, 0);
}

void sort_updates(const GroupQuestion& q, const Sorted& sorted, GroupDiff& diff) {
  int room = update_room(q, sorted);
  for (const AllocRef& alloc : sorted.running) {
    if (!is_older(q, *alloc)) {
      ++diff.counts.ignore;
    } else if (!needs_replacement(*alloc->job, q.job, q.group.name)) {
      diff.in_place.push_back(alloc);
      ++diff.counts.in_place;
    } else if (room > 0) {
      --room;
      diff.place.push_back({alloc->index, alloc, false, true});
      ++diff.counts.destructive;
    } else {
      ++diff.counts.ignore;
      diff.settled = false;
    }
  }
}

}  // namespace

bool node_lost(const state::Tables& tables, const base::NodeId& id) {
  const state::Ref<model::Node> node = tables.node(id);
  return !node || node->status == model::NodeStatus::down;
}

std::vector<Stopping> stop_all(const state::Tables& tables, const std::vector<AllocRef>& allocs) {
  std::vector<Stopping> list;
  for (const AllocRef& alloc : allocs) {
    if (alloc->client_terminal()) continue;
    const bool gone = node_lost(tables, alloc->node_id);
    if (alloc->server_terminal() && !gone) continue;
    if (gone)
      list.push_back({alloc, why::lost, ClientStatus::lost});
    else
      list.push_back({alloc, why::not_needed, {}});
  }
  return list;
}

GroupDiff reconcile(const GroupQuestion& q, const std::vector<AllocRef>& allocs) {
  GroupDiff diff;
  diff.settled = true;
  Sorted sorted = sort(q, allocs, diff);
  trim(q, sorted, diff);
  std::set<int> used = used_numbers(sorted);
  sort_updates(q, sorted, diff);
  for (const AllocRef& alloc : sorted.lost) {
    diff.stop.push_back({alloc, why::lost, ClientStatus::lost});
    diff.place.push_back({alloc->index, alloc, false, false});
  }
  for (const AllocRef& alloc : sorted.failed_now) {
    diff.place.push_back({alloc->index, alloc, true, false});
    ++diff.counts.reschedule_now;
  }
  for (const AllocRef& alloc : sorted.migrate) {
    diff.place.push_back({alloc->index, alloc, false, true});
    ++diff.counts.migrate;
  }
  diff.later = std::move(sorted.failed_later);
  diff.counts.reschedule_later = diff.later.size();
  const std::size_t have = used.size();
  int number = 0;
  for (std::size_t missing = have; missing < static_cast<std::size_t>(q.group.count); ++missing) {
    while (used.contains(number))
      ++number;
    used.insert(number);
    diff.place.push_back({number, nullptr, false, false});
  }
  diff.counts.stop = diff.stop.size();
  diff.counts.place = static_cast<std::uint64_t>(
      std::ranges::count_if(diff.place, [](const Wanted& w) { return !w.replaces; }));
  diff.counts.ignore += sorted.spent.size();
  diff.settled = diff.settled && diff.place.empty() && diff.later.empty();
  return diff;
}

}  // namespace caravan::scheduler
