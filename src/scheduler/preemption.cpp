// SPDX-License-Identifier: Apache-2.0
#include "scheduler/preemption.hpp"

namespace caravan::scheduler {
namespace {

bool holds_at_most(const model::Footprint& need, const model::Footprint& capacity) {
  return need.cpu <= capacity.cpu && need.memory_mb <= capacity.memory_mb &&
         need.disk_mb <= capacity.disk_mb && need.cores <= capacity.cores;
}

}  // namespace

Preemption::Preemption(const state::Tables& tables, const Fleet& fleet, const model::Job& job)
    : tables_(tables),
      fleet_(fleet),
      job_(job),
      allowed_(
          model::may_preempt(tables.scheduler_config_for(job.node_pool).preemption, job.type)) {}

bool Preemption::is_over_limit(const model::Allocation& alloc) const {
  const std::optional<model::MigrateStrategy>& migrate = alloc.task_group().migrate;
  if (!migrate || migrate->max_parallel <= 0) return false;
  const auto count = ended_of_group_.find({alloc.job->job_id(), alloc.group});
  return count != ended_of_group_.end() && count->second >= migrate->max_parallel;
}

std::vector<Candidate> Preemption::candidates_on(Row row) const {
  std::vector<Candidate> candidates;
  for (state::Ref<model::Allocation>& alloc : tables_.allocs_of_node(fleet_.node(row)->id)) {
    if (alloc->terminal() || ended_.contains(alloc->id) || !may_end_for(job_, *alloc->job))
      continue;
    const bool over = is_over_limit(*alloc);
    candidates.push_back({std::move(alloc), over});
  }
  return candidates;
}

const std::optional<Victims>& Preemption::victims_on(const Search& search, Row row) {
  std::vector<Known>& rows = known_[&search];
  rows.resize(fleet_.size());
  Known& known = rows[row];
  if (known.is_known) return known.victims;
  known.is_known = true;
  if (!holds_at_most(search.need(), fleet_.capacity(row))) return known.victims;
  std::vector<Candidate> candidates = candidates_on(row);
  if (!candidates.empty())
    known.victims = choose_victims(fleet_, row, search.group(), std::move(candidates));
  // With none to end, the node was found wanting in something that no end of theirs gives.
  if (known.victims && known.victims->allocs.empty()) known.victims.reset();
  return known.victims;
}

std::optional<Preemption::Choice> Preemption::best(Search& search, const std::vector<Row>& avoid) {
  std::optional<Search::Found> best;
  for (Row row = 0; row < fleet_.size(); ++row) {
    if (!search.could_serve(row)) continue;
    const std::optional<Victims>& victims = victims_on(search, row);
    if (!victims) continue;
    const bool avoided = std::ranges::find(avoid, row) != avoid.end();
    const Search::Found found =
        search.with_freed(row, victims->freed, preemption_score(*victims), avoided);
    if (!best || search.is_better(found, *best)) best = found;
  }
  if (!best) return {};
  return Choice{best->row, *victims_on(search, best->row), best->parts, best->score};
}

std::optional<Preemption::Choice> Preemption::on(Search& search, Row row) {
  if (!search.could_serve(row)) return {};
  const std::optional<Victims>& victims = victims_on(search, row);
  if (!victims) return {};
  const Search::Found found =
      search.with_freed(row, victims->freed, preemption_score(*victims), false);
  return Choice{row, *victims, found.parts, found.score};
}

void Preemption::ended(const Victims& victims) {
  for (const state::Ref<model::Allocation>& alloc : victims.allocs) {
    const bool was_over = is_over_limit(*alloc);
    ended_.insert(alloc->id);
    ++ended_of_group_[{alloc->job->job_id(), alloc->group}];
    // From now on its like are chosen later, wherever they are.
    if (!was_over && is_over_limit(*alloc)) known_.clear();
  }
}

void Preemption::reject(const Search& search, Row row) {
  std::vector<Known>& rows = known_[&search];
  rows.resize(fleet_.size());
  rows[row] = {.is_known = true, .victims = {}};
}

void Preemption::changed(Row row) {
  for (auto& [search, rows] : known_)
    if (row < rows.size()) rows[row] = {};
}

}  // namespace caravan::scheduler
