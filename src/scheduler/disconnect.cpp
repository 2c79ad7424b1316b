// SPDX-License-Identifier: Apache-2.0
#include "scheduler/disconnect.hpp"

#include <algorithm>
#include <map>

namespace caravan::scheduler {
namespace {

using base::Instant;
using model::ClientStatus;
using model::NodeStatus;

/// Timers are not exact: what ends within this time has ended.
constexpr base::Duration due_soon{1'000'000'000};

Instant unknown_since(const model::Allocation& alloc) {
  for (auto state = alloc.states.rbegin(); state != alloc.states.rend(); ++state)
    if (state->value == model::name_of(ClientStatus::unknown)) return state->time;
  return {};
}

bool was_unknown(const model::Allocation& alloc) { return !unknown_since(alloc).is_zero(); }

double score_of(const model::Allocation& alloc) {
  return alloc.score.named(alloc.node_id).norm_score;
}

/// When its leader, or else the first of its main tasks, began; the far future when none runs.
Instant runs_since(const model::Allocation& alloc) {
  Instant first = Instant::from_seconds(std::int64_t{1} << 33);
  for (const model::Task& task : alloc.task_group().tasks) {
    const auto state = alloc.task_states.find(task.name);
    if (!task.is_main() || state == alloc.task_states.end() || state->second.started_at.is_zero())
      continue;
    if (task.leader) return state->second.started_at;
    first = std::min(first, state->second.started_at);
  }
  return first;
}

/// Whether the one that came back stays.
bool original_stays(const model::Allocation& original, const model::Allocation& replacement) {
  if (original.job->version != replacement.job->version)
    return original.job->version > replacement.job->version;
  const std::optional<model::Disconnect>& policy = original.task_group().disconnect;
  switch (policy ? policy->reconcile : model::Reconcile::best_score) {
    case model::Reconcile::keep_original:
      return true;
    case model::Reconcile::keep_replacement:
      return false;
    case model::Reconcile::longest_running:
      return runs_since(original) <= runs_since(replacement);
    case model::Reconcile::best_score:
      break;
  }
  const bool runs = original.client_status == ClientStatus::running;
  if (runs != (replacement.client_status == ClientStatus::running)) return runs;
  return score_of(original) >= score_of(replacement);
}

/// Allocations that bear the same number: there is one place for them.
struct Rivals {
  std::vector<AllocRef> here, silent;
};

void sort_by_age(std::vector<AllocRef>& allocs) {
  std::ranges::sort(allocs, {},
                    [](const AllocRef& a) { return std::pair(a->create_index, a->id); });
}

/// One after the other took the place of the one before.
std::vector<AllocRef> all_but_best(std::vector<AllocRef> allocs) {
  sort_by_age(allocs);
  std::vector<AllocRef> others;
  AllocRef best = allocs.front();
  for (std::size_t i = 1; i < allocs.size(); ++i)
    others.push_back(original_stays(*best, *allocs[i]) ? allocs[i]
                                                       : std::exchange(best, allocs[i]));
  return others;
}

std::vector<AllocRef> all_but_newest(std::vector<AllocRef> allocs) {
  sort_by_age(allocs);
  if (!allocs.empty()) allocs.pop_back();
  return allocs;
}

/// Of those that ended and have not been replaced.
std::set<int> numbers_of_ended(const Sorted& sorted) {
  std::set<int> numbers;
  for (const auto* list : {&sorted.failed_now, &sorted.spent})
    for (const AllocRef& alloc : *list)
      numbers.insert(alloc->index);
  for (const Later& later : sorted.failed_later)
    numbers.insert(later.alloc->index);
  return numbers;
}

}  // namespace

Silence silence_of(const state::Tables& tables, const model::Allocation& alloc, Instant now) {
  const state::Ref<model::Node> node = tables.node(alloc.node_id);
  if (!node_lost(tables, alloc.node_id)) return {};
  const std::optional<model::Disconnect>& policy = alloc.task_group().disconnect;
  if (!node || !policy) return {Silence::Kind::lost, {}};
  if (policy->stop_on_client_after) {
    const Instant until =
        Instant::from_seconds(node->status_updated_at) + *policy->stop_on_client_after;
    if (now + due_soon < until) return {Silence::Kind::ends_soon, until};
    return {Silence::Kind::lost, {}};
  }
  if (policy->lost_after <= base::Duration(0) || node->status != NodeStatus::disconnected)
    return {Silence::Kind::lost, {}};
  if (alloc.client_status != ClientStatus::unknown)
    return {Silence::Kind::begins, now + policy->lost_after};
  const Instant until = unknown_since(alloc) + policy->lost_after;
  if (until <= now + due_soon) return {Silence::Kind::lost, {}};
  return {Silence::Kind::unknown, until};
}

void settle_places(Sorted& sorted, GroupDiff& diff) {
  std::map<int, Rivals> places;
  for (const auto* list : {&sorted.running, &sorted.migrate})
    for (const AllocRef& alloc : *list)
      places[alloc->index].here.push_back(alloc);
  for (const auto* list : {&sorted.unknown, &sorted.lost})
    for (const AllocRef& alloc : *list)
      places[alloc->index].silent.push_back(alloc);
  const std::set<int> ended = numbers_of_ended(sorted);
  std::set<AllocRef> leaving;
  for (const auto& [number, rivals] : places) {
    const bool came_back = std::ranges::any_of(
        rivals.here, [](const AllocRef& alloc) { return was_unknown(*alloc); });
    const auto give_way = [&](const AllocRef& alloc) {
      ++diff.counts.reconnect;
      diff.stop.push_back({alloc, why::reconnected, {}});
      leaving.insert(alloc);
    };
    if (came_back) std::ranges::for_each(all_but_best(rivals.here), give_way);
    const bool is_taken = !rivals.here.empty() || ended.contains(number);
    for (const AllocRef& alloc : is_taken ? rivals.silent : all_but_newest(rivals.silent)) {
      const bool is_lost = std::ranges::find(sorted.lost, alloc) != sorted.lost.end();
      if (!is_lost && came_back) {
        give_way(alloc);
        continue;
      }
      if (is_lost) diff.stop.push_back({alloc, why::lost, ClientStatus::lost});
      leaving.insert(alloc);
    }
  }
  for (auto* list : {&sorted.running, &sorted.migrate, &sorted.unknown, &sorted.lost})
    std::erase_if(*list, [&](const AllocRef& alloc) { return leaving.contains(alloc); });
}

}  // namespace caravan::scheduler
