// SPDX-License-Identifier: Apache-2.0
#include "scheduler/search.hpp"

#include <cmath>

#include "scheduler/constraint.hpp"

namespace caravan::scheduler {
namespace {

/// Entered beyond what is asked for: those shown as the best at first, and some that turn out not
/// to do.
constexpr std::size_t spare = 8;
/// When a list has run out of nodes, all are filled again with this many times as many.
constexpr std::size_t growth = 8;

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ x >> 33) * 0xff51afd7ed558ccdULL;
  x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ x >> 33;
}

}  // namespace

Search::Search(Fleet& fleet, const Copies& copies, const model::Job& job,
               const model::TaskGroup& group, Algorithm algorithm, std::uint64_t salt)
    : fleet_(fleet),
      copies_(copies),
      job_(job),
      group_(group),
      salt_(salt),
      algorithm_(algorithm),
      need_(model::footprint(group)),
      feasibility_(fleet, job, group),
      copies_here_(copies.of_group(group.name)) {
  for (const auto& [cpu, memory] : fleet.sizes())
    shrink_.push_back({1 / power(need_.cpu, cpu), 1 / power(need_.memory_mb, memory)});
  add_affinities(job.affinities);
  add_affinities(group.affinities);
  for (const model::Task& task : group.tasks)
    add_affinities(task.affinities);
  if (const DeviceChoice* devices = feasibility_.devices();
      devices && devices->affinity_weights() > 0) {
    devices_ = devices;
    ++parts_max_;
  }
  int weights = 0;
  for (const auto* spreads : {&job.spreads, &group.spreads})
    for (const model::Spread& s : *spreads)
      weights += s.weight;
  for (const auto* spreads : {&job.spreads, &group.spreads})
    for (const model::Spread& s : *spreads)
      spreads_.emplace_back(s, copies.tally(group.name, s.attribute), group.count, weights);
  each_distinct(job, group, "distinct_property", [&](const auto& c, const std::string& scope) {
    limits_.push_back({&copies.tally(scope, c.left), distinct_limit(c)});
  });
  each_distinct(job, group, "distinct_hosts", [&](const auto& c, const std::string& scope) {
    if (c.right != "false") (scope.empty() ? distinct_in_job_ : distinct_in_group_) = true;
  });
}

void Search::add_affinities(const std::vector<model::Affinity>& affinities) {
  for (const model::Affinity& a : affinities) {
    affinity_weights_ += std::abs(a.weight);
    AffinityRule& rule = affinities_.emplace_back(&a);
    if (a.right.starts_with("${")) continue;
    rule.column = &fleet_.column(a.left);
    const Comparison comparison(a.operand, a.right);
    for (std::uint32_t id = 0; id < rule.column->values.size(); ++id)
      rule.matching.push_back(comparison.holds(rule.column->value(id)));
  }
}

int Search::affinity(Row row) const {
  int sum = 0;
  for (const AffinityRule& rule : affinities_) {
    const model::Affinity& a = *rule.affinity;
    const bool match = rule.column ? rule.matching[rule.column->at(row, fleet_.seat(row).kind)]
                                   : matches(a.left, a.operand, a.right, *fleet_.node(row));
    if (match) sum += a.weight;
  }
  return sum;
}

bool Search::fits(const Seat& seat) const {
  return need_.cpu <= seat.free.cpu && need_.memory_mb <= seat.free.memory_mb &&
         need_.disk_mb <= seat.free.disk_mb && need_.cores <= seat.free.cores;
}

bool Search::is_candidate(Row row) {
  const Seat& seat = fleet_.seat(row);
  return seat.ready && feasibility_.wants(seat.kind) && feasibility_.allows(row);
}

bool Search::is_distinct(Row row) const {
  return !(distinct_in_job_ && copies_.of_job(row) > 0) &&
         !(distinct_in_group_ && !copies_here_.empty() && copies_here_[row] > 0);
}

bool Search::has_room(Row row) {
  return is_candidate(row) && fits(fleet_.seat(row)) && is_distinct(row) &&
         !rejected_.contains(row);
}

std::uint64_t Search::tie_of(Row row) const { return mixed(fleet_.seat(row).word ^ salt_); }

Search::Own Search::own(Row row) const {
  const Seat& seat = fleet_.seat(row);
  const Shrink& shrink = shrink_[seat.size];
  Own own;
  own.fit = fit_score(seat.cpu_power * shrink.cpu, seat.memory_power * shrink.memory, algorithm_);
  if (!copies_here_.empty() && copies_here_[row] > 0) {
    own.anti_affinity = anti_affinity_score(copies_here_[row], group_.count);
    ++own.parts;
  }
  if (!affinities_.empty())
    if (const int sum = affinity(row); sum != 0) {
      own.affinity = static_cast<double>(sum) / affinity_weights_;
      ++own.parts;
    }
  if (devices_) add_devices(row, own);
  return own;
}

void Search::add_devices(Row row, Own& own) const {
  const auto given = devices_->choose(*fleet_.node(row), fleet_.held(row).devices);
  if (!given || given->affinity == 0) return;
  own.devices = static_cast<double>(given->affinity) / devices_->affinity_weights();
  ++own.parts;
}

Search::Found Search::found(Row row, const Own& parts, bool avoided) const {
  const double spread = places_.empty() ? 0 : places_[place_of(row)].spread;
  // A part that is there counts in the mean, so one that is hardly there is not shown as none.
  const auto millionths = [](double score) {
    const int rounded = static_cast<int>(std::lround(score * 1e6));
    return rounded != 0 ? rounded : (score > 0) - (score < 0);
  };
  Found found{row, parts.sum() + spread - (avoided ? 1 : 0), {}};
  found.score /= parts.parts + (spread != 0 ? 1 : 0) + (avoided ? 1 : 0);
  found.parts.binpack = millionths(parts.fit);
  found.parts.anti_affinity = millionths(parts.anti_affinity);
  found.parts.affinity = millionths(parts.affinity);
  found.parts.spread = millionths(spread);
  found.parts.preemption = millionths(parts.preemption);
  found.parts.devices = millionths(parts.devices);
  found.parts.reschedule_penalty = avoided ? millionths(-1) : 0;
  return found;
}

std::optional<Search::Found> Search::best(const std::vector<Row>& avoid, std::size_t expected) {
  if (!filled_) {
    find_places();
    // Most of the copies go to places in turn; where more do, the lists are filled again.
    capacity_ = 2 * (expected + spare) / places_.size() + 2;
    fill(capacity_);
  }
  update_places();
  std::vector<Row> aside;
  std::optional<Row> best;
  while (!find_best(avoid, aside, best)) {
    fill(capacity_ *= growth);
    aside.clear();
    best.reset();
  }
  for (const Row row : aside)
    enter(row);
  std::optional<Found> chosen;
  if (best) chosen = found(*best, own(*best), false);
  for (const Row row : avoid) {
    if (!has_room(row) || !places_[place_of(row)].open) continue;
    const Found other = found(row, own(row), true);
    if (!chosen || is_better(other, *chosen)) chosen = other;
  }
  return chosen;
}

std::optional<Search::Found> Search::look_at(Row row) {
  if (!has_room(row)) return {};
  find_places();
  update_places();
  if (!places_[place_of(row)].open) return {};
  return found(row, own(row), false);
}

bool Search::could_serve(Row row) {
  if (!is_candidate(row) || !is_distinct(row)) return false;
  find_places();
  update_places();
  return places_[place_of(row)].open;
}

Search::Found Search::with_freed(Row row, const model::Footprint& freed, double preemption,
                                 bool avoided) const {
  const Seat& seat = fleet_.seat(row);
  const model::Footprint& capacity = fleet_.capacity(row);
  const Shrink& shrink = shrink_[seat.size];
  Own parts = own(row);
  parts.fit = fit_score(
      power(seat.free.cpu + freed.cpu, capacity.cpu) * shrink.cpu,
      power(seat.free.memory_mb + freed.memory_mb, capacity.memory_mb) * shrink.memory, algorithm_);
  parts.preemption = preemption;
  ++parts.parts;
  return found(row, parts, avoided);
}

void Search::reject(Row row, std::string dimension) {
  rejected_[row] = std::move(dimension);
  if (filled_) ++versions_[row];
}

void Search::changed(Row row) {
  rejected_.erase(row);
  if (!filled_) return;
  ++versions_[row];
  if (has_room(row)) enter(row);
}

}  // namespace caravan::scheduler
