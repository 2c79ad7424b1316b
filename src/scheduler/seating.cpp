// SPDX-License-Identifier: Apache-2.0
#include "scheduler/seating.hpp"

namespace caravan::scheduler {

Seating::Entry::Entry(const state::Tables& tables, const model::Job& job,
                      state::Ref<model::Job> version, IdSource& ids)
    : version(std::move(version)), placer(tables, job, candidates(tables, job), ids) {}

Seating::Seating(const state::Tables& tables, const model::Job& job, IdSource& ids)
    : tables_(tables), ids_(ids) {
  placers_.emplace_back(tables, job, nullptr, ids);
}

void Seating::add(const state::Ref<model::Job>& version) {
  const bool known =
      std::ranges::any_of(placers_, [&](const Entry& entry) { return entry.version == version; });
  if (!known) placers_.emplace_back(tables_, *version, version, ids_);
}

Placer& Seating::placer(const state::Ref<model::Job>& version) {
  return std::ranges::find(placers_, version, &Entry::version)->placer;
}

void Seating::release(const model::Allocation& alloc) {
  for (Entry& entry : placers_)
    entry.placer.release(alloc);
}

void Seating::occupy(const model::Allocation& alloc) {
  for (Entry& entry : placers_)
    entry.placer.occupy(alloc);
}

}  // namespace caravan::scheduler
