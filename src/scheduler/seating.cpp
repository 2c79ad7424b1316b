// SPDX-License-Identifier: Apache-2.0
#include "scheduler/seating.hpp"

namespace caravan::scheduler {

Seating::Seating(const state::Tables& tables, Fleet& fleet, const model::Job& job,
                 const std::vector<state::Ref<model::Allocation>>& allocs, IdSource& ids)
    : tables_(tables),
      fleet_(fleet),
      allocs_(allocs),
      ids_(ids),
      draft_(fleet),
      preemption_(tables, fleet, job),
      quota_(tables, fleet.quotas(), job) {
  placers_.emplace_back(nullptr, *this, job);
}

void Seating::add(const state::Ref<model::Job>& version) {
  const bool known =
      std::ranges::any_of(placers_, [&](const Entry& entry) { return entry.version == version; });
  if (!known) placers_.emplace_back(version, *this, *version);
}

Placer& Seating::placer(const state::Ref<model::Job>& version) {
  return std::ranges::find(placers_, version, &Entry::version)->placer;
}

void Seating::release(const model::Allocation& alloc) {
  if (alloc.terminal()) return;
  quota_.remove(alloc.task_group());
  const Row row = fleet_.row_of(alloc.node_id);
  if (row == no_row) return;
  draft_.release(row, alloc);
  for (Entry& entry : placers_)
    entry.placer.released(row, alloc);
  preemption_.changed(row);
}

void Seating::occupy(Row row, const model::Allocation& alloc) {
  quota_.add(alloc.task_group());
  if (row == no_row) return;
  draft_.occupy(row, alloc);
  for (Entry& entry : placers_)
    entry.placer.occupied(row, alloc);
  preemption_.changed(row);
}

void Seating::room_changed(Row row) {
  for (Entry& entry : placers_)
    entry.placer.room_changed(row);
  preemption_.changed(row);
}

bool Seating::is_refused(Placer& placer, const model::TaskGroup& group) {
  std::vector<std::string> exceeded = quota_.exceeded(group);
  if (exceeded.empty()) return false;
  quota_reached_ = true;
  placer.refuse(group, std::move(exceeded));
  return true;
}

/// Tries what amounts promise: dynamic ports may be short all the same.
std::optional<Placement> Seating::seat(Placer& placer, const model::TaskGroup& group,
                                       Preemption::Choice choice) {
  for (const state::Ref<model::Allocation>& victim : choice.victims.allocs)
    draft_.release(choice.row, *victim);
  room_changed(choice.row);
  std::optional<Placement> placement = placer.place_in_room(group, choice.row);
  if (placement) {
    preemption_.ended(choice.victims);
    placement->score = choice.parts;
    placement->preempted = std::move(choice.victims.allocs);
    return placement;
  }
  for (const state::Ref<model::Allocation>& victim : choice.victims.allocs)
    draft_.occupy(choice.row, *victim);
  room_changed(choice.row);
  preemption_.reject(placer.search(group), choice.row);
  return {};
}

std::optional<Placement> Seating::place(Placer& placer, const model::TaskGroup& group,
                                        const std::vector<base::NodeId>& avoid,
                                        std::size_t expected) {
  if (is_refused(placer, group)) return {};
  std::optional<Placement> placement = placer.place(group, avoid, expected);
  if (placement || !preemption_.is_allowed()) return placement;
  std::vector<Row> avoided;
  for (const base::NodeId& id : avoid)
    if (const Row row = fleet_.row_of(id); row != no_row) avoided.push_back(row);
  while (!placement) {
    std::optional<Preemption::Choice> choice = preemption_.best(placer.search(group), avoided);
    if (!choice) break;
    placement = seat(placer, group, *std::move(choice));
  }
  return placement;
}

std::optional<Placement> Seating::place_on(Placer& placer, const model::TaskGroup& group,
                                           const base::NodeId& node) {
  if (is_refused(placer, group)) return {};
  std::optional<Placement> placement = placer.place_on(group, node);
  const Row row = fleet_.row_of(node);
  if (placement || row == no_row || !preemption_.is_allowed()) return placement;
  if (auto choice = preemption_.on(placer.search(group), row))
    placement = seat(placer, group, *std::move(choice));
  return placement;
}

}  // namespace caravan::scheduler
