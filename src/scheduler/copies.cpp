// SPDX-License-Identifier: Apache-2.0
#include "scheduler/copies.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"

namespace caravan::scheduler {

int distinct_limit(const model::Constraint& c) {
  return static_cast<int>(base::parse_int(c.right.empty() ? "1" : c.right).value_or(1));
}

Copies::Copies(Fleet& fleet, const model::Job& job,
               const std::vector<state::Ref<model::Allocation>>& allocs)
    : fleet_(fleet), job_(job) {
  for (const model::TaskGroup& group : job.groups) {
    by_group_[group.name];
    each_distinct(job, group, "distinct_property",
                  [&](const auto& c, const std::string& scope) { add_tally(scope, c.left); });
    for (const auto* spreads : {&job.spreads, &group.spreads})
      for (const model::Spread& s : *spreads)
        add_tally(group.name, s.attribute);
  }
  for (const state::Ref<model::Allocation>& alloc : allocs)
    if (!alloc->terminal())
      if (const Row row = fleet.row_of(alloc->node_id); row != no_row) count(row, alloc->group, 1);
}

void Copies::add_tally(const std::string& group, const std::string& attribute) {
  for (const Tally& tally : tallies_)
    if (tally.group == group && tally.attribute == attribute) return;
  const Column& column = fleet_.column(attribute);
  tallies_.push_back({group, attribute, &column, std::vector<int>(column.values.size())});
}

const Tally& Copies::tally(const std::string& group, const std::string& attribute) const {
  const auto found = std::ranges::find_if(tallies_, [&](const Tally& tally) {
    return tally.group == group && tally.attribute == attribute;
  });
  ASSERT(found != tallies_.end());
  return *found;
}

void Copies::count(Row row, const std::string& group, int by) {
  if (of_job_.empty()) of_job_.resize(fleet_.size());
  std::vector<int>& rows = by_group_[group];
  if (rows.empty()) rows.resize(fleet_.size());
  of_job_[row] += by;
  rows[row] += by;
  if (tallies_.empty() || !job_.find_group(group)) return;
  ++changes_;
  for (Tally& tally : tallies_)
    if (tally.group.empty() || tally.group == group)
      if (const std::uint32_t id = tally.column->at(row, fleet_.seat(row).kind); id != 0)
        tally.counts[id] += by;
}

}  // namespace caravan::scheduler
