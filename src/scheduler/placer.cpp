// SPDX-License-Identifier: Apache-2.0
#include "scheduler/placer.hpp"

#include "scheduler/ports.hpp"

namespace caravan::scheduler {

Placer::Placer(Fleet& fleet, const model::Job& job,
               const std::vector<state::Ref<model::Allocation>>& allocs, Algorithm algorithm,
               IdSource& ids)
    : fleet_(fleet),
      job_(job),
      ids_(ids),
      algorithm_(algorithm),
      salt_(ids.draw()),
      copies_(fleet, job, allocs) {}

Search& Placer::search(const model::TaskGroup& group) {
  return searches_.try_emplace(group.name, fleet_, copies_, job_, group, algorithm_, salt_)
      .first->second;
}

void Placer::count(Row row, const model::Allocation& alloc, int by) {
  copies_.count(row, alloc.group, by);
  room_changed(row);
}

void Placer::room_changed(Row row) {
  for (auto& [name, search] : searches_)
    search.changed(row);
}

void Placer::refuse(const model::TaskGroup& group, std::vector<std::string> quota_exhausted) {
  metrics_ = *search(group).metrics(0);
  metrics_.quota_exhausted = std::move(quota_exhausted);
}

const std::string& Placer::reason(const model::TaskGroup& group, const base::NodeId& node) {
  return feasibility(group).reason(fleet_.row_of(node));
}

std::optional<Placement> Placer::seat(Search& search, const model::TaskGroup& group,
                                      const Search::Found& found, std::size_t expected) {
  auto ports = assign_ports(fleet_, found.row, group, ids_.draw());
  if (!ports) {
    search.reject(found.row, std::move(ports.error()));
    return {};
  }
  std::vector<model::AllocatedDevice> devices;
  if (const DeviceChoice* choice = search.feasibility().devices()) {
    auto given = choice->choose(*fleet_.node(found.row), fleet_.held(found.row).devices);
    if (!given) {
      search.reject(found.row, "devices: no devices match request");
      return {};
    }
    devices = std::move(given->devices);
  }
  return Placement{found.row,
                   fleet_.node(found.row),
                   *std::move(ports),
                   assign_cores(fleet_, found.row, search.need().cores),
                   std::move(devices),
                   found.parts,
                   search.metrics(expected),
                   {}};
}

std::optional<Placement> Placer::place(const model::TaskGroup& group,
                                       const std::vector<base::NodeId>& avoid,
                                       std::size_t expected) {
  Search& search = this->search(group);
  search.metrics(expected);
  std::vector<Row> avoided;
  for (const base::NodeId& id : avoid)
    if (const Row row = fleet_.row_of(id);
        row != no_row && std::ranges::find(avoided, row) == avoided.end())
      avoided.push_back(row);
  while (const std::optional<Search::Found> found = search.best(avoided, expected))
    if (std::optional<Placement> placement = seat(search, group, *found, expected))
      return placement;
  metrics_ = search.why_not();
  return {};
}

std::optional<Placement> Placer::place_on(const model::TaskGroup& group, const base::NodeId& node) {
  Search& search = this->search(group);
  const Row row = fleet_.row_of(node);
  if (row == no_row) return {};
  if (std::optional<Placement> placement = place_in_room(group, row)) return placement;
  metrics_ = search.why_not(row);
  return {};
}

std::optional<Placement> Placer::place_in_room(const model::TaskGroup& group, Row row) {
  Search& search = this->search(group);
  const std::optional<Search::Found> found = search.look_at(row);
  return found ? seat(search, group, *found, 0) : std::nullopt;
}

}  // namespace caravan::scheduler
