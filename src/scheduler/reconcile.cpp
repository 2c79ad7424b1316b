// SPDX-License-Identifier: Apache-2.0
#include "scheduler/reconcile.hpp"

#include "scheduler/canaries.hpp"
#include "scheduler/disconnect.hpp"
#include "scheduler/sorted.hpp"
#include "scheduler/tasks_updated.hpp"

namespace caravan::scheduler {
namespace {

using model::ClientStatus;

/// Once promoted, a canary has the place of the old copy whose number it bears.
void stop_twins(const GroupQuestion& q, Sorted& sorted, GroupDiff& diff) {
  std::set<int> taken;
  for (const AllocRef& alloc : sorted.running)
    if (!is_older(q, *alloc)) taken.insert(alloc->index);
  const auto leave = [&](std::vector<AllocRef>& list, const char* why,
                         std::optional<ClientStatus> status) {
    std::erase_if(list, [&](const AllocRef& alloc) {
      if (!is_older(q, *alloc) || !taken.contains(alloc->index)) return false;
      diff.stop.push_back({alloc, why, status});
      return true;
    });
  };
  leave(sorted.running, why::not_needed, {});
  leave(sorted.migrate, why::not_needed, {});
  leave(sorted.lost, why::lost, ClientStatus::lost);
  leave(sorted.failed_now, why::not_needed, {});
  leave(sorted.spent, why::not_needed, {});
  std::erase_if(sorted.failed_later, [&](const Later& later) {
    if (!is_older(q, *later.alloc) || !taken.contains(later.alloc->index)) return false;
    diff.stop.push_back({later.alloc, why::not_needed, {}});
    return true;
  });
}

/// Ends what is over the count: first what does not run anyway, then the highest numbers.
void trim(const GroupQuestion& q, Sorted& sorted, GroupDiff& diff) {
  const auto wanted = static_cast<std::size_t>(q.group.count);
  const auto over = [&] { return sorted.places() > wanted; };
  for (; over() && !sorted.lost.empty(); sorted.lost.pop_back())
    diff.stop.push_back({sorted.lost.back(), why::lost, ClientStatus::lost});
  for (; over() && !sorted.unknown.empty(); sorted.unknown.pop_back())
    diff.stop.push_back({sorted.unknown.back(), why::not_needed, {}});
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

/// How many may be replaced by the new version right now: `max_parallel` less those that are on
/// their way and not yet known to be well. One that is unwell holds everything.
int update_room(const GroupQuestion& q, const Sorted& sorted, const GroupDiff& diff) {
  if (diff.canaries > 0) return 0;
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
    if (alloc->health() == false) return 0;
    if (!alloc->health()) --room;
  }
  return std::max(room, 0);
}

void sort_updates(const GroupQuestion& q, const Sorted& sorted, GroupDiff& diff) {
  int room = update_room(q, sorted, diff);
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
  return !node || node->is_silent();
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

namespace {

/// While canaries wait, what has to be replaced for other reasons stays what it was: the new
/// version comes with the promotion.
void keep_versions(const GroupQuestion& q, const Sorted& sorted, GroupDiff& diff) {
  if (diff.canaries == 0) return;
  state::Ref<model::Job> oldest;
  for (const AllocRef& alloc : sorted.running)
    if (is_older(q, *alloc) && (!oldest || alloc->job->version < oldest->version))
      oldest = alloc->job;
  for (Wanted& wanted : diff.place) {
    if (!wanted.previous)
      wanted.job = oldest;
    else if (is_older(q, *wanted.previous) && wanted.previous->job->find_group(q.group.name))
      wanted.job = wanted.previous->job;
  }
}

/// New copies have the lowest numbers that nobody has.
void fill_up(const GroupQuestion& q, const std::set<int>& used, GroupDiff& diff) {
  int number = 0;
  for (std::size_t have = used.size(); have < static_cast<std::size_t>(q.group.count); ++have) {
    while (used.contains(number))
      ++number;
    diff.place.push_back({number++, nullptr});
  }
}

}  // namespace

GroupDiff reconcile(const GroupQuestion& q, const std::vector<AllocRef>& allocs) {
  GroupDiff diff;
  diff.settled = true;
  diff.total = q.group.count;
  std::vector<AllocRef> canaries, plain;
  for (const AllocRef& alloc : allocs)
    if (alloc->group == q.group.name) (alloc->is_canary() ? canaries : plain).push_back(alloc);
  Sorted sorted = sort_allocs(q, plain, diff);
  settle_places(sorted, diff);
  stop_twins(q, sorted, diff);
  trim(q, sorted, diff);
  const std::set<int> used = used_numbers(sorted);
  diff.canaries = canaries_wanted(q, sorted);
  sort_updates(q, sorted, diff);
  for (const AllocRef& alloc : sorted.lost) {
    diff.stop.push_back({alloc, why::lost, ClientStatus::lost});
    diff.place.push_back({alloc->index, alloc});
  }
  for (const AllocRef& alloc : sorted.unknown) {
    if (alloc->task_group().disconnect->replace)
      diff.place.push_back({alloc->index, alloc});
    else
      ++diff.counts.ignore;
  }
  for (const AllocRef& alloc : sorted.failed_now) {
    diff.place.push_back({alloc->index, alloc, true});
    ++diff.counts.reschedule_now;
  }
  for (const AllocRef& alloc : sorted.migrate) {
    diff.place.push_back({alloc->index, alloc, false, true});
    ++diff.counts.migrate;
  }
  diff.later = std::move(sorted.failed_later);
  fill_up(q, used, diff);
  keep_versions(q, sorted, diff);
  decide_canaries(q, canaries, sorted, diff);
  diff.counts.reschedule_later = diff.later.size();
  diff.counts.disconnect = diff.silent.size();
  diff.counts.stop = diff.stop.size();
  diff.counts.place = static_cast<std::uint64_t>(std::ranges::count_if(
      diff.place, [](const Wanted& w) { return !w.replaces && !(w.canary && !w.previous); }));
  diff.counts.ignore += sorted.spent.size();
  diff.settled = diff.settled && diff.place.empty() && diff.later.empty() && diff.canaries == 0;
  return diff;
}

}  // namespace caravan::scheduler
