// SPDX-License-Identifier: Apache-2.0
#include "scheduler/seating.hpp"

namespace caravan::scheduler {

Seating::Seating(Fleet& fleet, const model::Job& job,
                 const std::vector<state::Ref<model::Allocation>>& allocs, IdSource& ids)
    : fleet_(fleet), allocs_(allocs), ids_(ids), draft_(fleet) {
  placers_.emplace_back(nullptr, fleet, job, allocs, ids);
}

void Seating::add(const state::Ref<model::Job>& version) {
  const bool known =
      std::ranges::any_of(placers_, [&](const Entry& entry) { return entry.version == version; });
  if (!known) placers_.emplace_back(version, fleet_, *version, allocs_, ids_);
}

Placer& Seating::placer(const state::Ref<model::Job>& version) {
  return std::ranges::find(placers_, version, &Entry::version)->placer;
}

void Seating::release(const model::Allocation& alloc) {
  const Row row = fleet_.row_of(alloc.node_id);
  if (row == no_row || alloc.terminal()) return;
  draft_.release(row, alloc);
  for (Entry& entry : placers_)
    entry.placer.released(row, alloc);
}

void Seating::occupy(Row row, const model::Allocation& alloc) {
  if (row == no_row) return;
  draft_.occupy(row, alloc);
  for (Entry& entry : placers_)
    entry.placer.occupied(row, alloc);
}

}  // namespace caravan::scheduler
