// SPDX-License-Identifier: Apache-2.0
#include "scheduler/disconnect.hpp"

#include <algorithm>

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

AllocRef replacement_of(const state::Tables& tables, const model::Allocation& alloc) {
  const AllocRef next = tables.alloc(alloc.next_allocation);
  return next && !next->terminal() ? next : nullptr;
}

void settle_returned(const GroupQuestion& q, Sorted& sorted, GroupDiff& diff) {
  std::vector<AllocRef> leaving;
  const auto stays = [&](const AllocRef& alloc) {
    return std::ranges::find(leaving, alloc) == leaving.end();
  };
  for (const AllocRef& original : sorted.running) {
    if (!was_unknown(*original) || !stays(original)) continue;
    const AllocRef replacement = replacement_of(q.tables, *original);
    if (!replacement || !stays(replacement)) continue;
    ++diff.counts.reconnect;
    leaving.push_back(original_stays(*original, *replacement) ? replacement : original);
  }
  for (const AllocRef& alloc : leaving) {
    diff.stop.push_back({alloc, why::reconnected, {}});
    for (auto* list : {&sorted.running, &sorted.migrate, &sorted.unknown, &sorted.lost})
      std::erase(*list, alloc);
  }
}

}  // namespace caravan::scheduler
