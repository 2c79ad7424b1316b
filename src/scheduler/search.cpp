// SPDX-License-Identifier: Apache-2.0
#include "scheduler/search.hpp"

#include <cmath>

#include "scheduler/constraint.hpp"

namespace caravan::scheduler {
namespace {

/// A list that would leave out fewer than this share of the nodes holds all of them.
constexpr std::size_t share_worth_cutting = 4;
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
               const model::TaskGroup& group, std::uint64_t salt)
    : fleet_(fleet),
      copies_(copies),
      job_(job),
      group_(group),
      salt_(salt),
      algorithm_(fleet.algorithm_for(job.node_pool)),
      need_(model::footprint(group)),
      feasibility_(fleet, job, group),
      copies_here_(copies.of_group(group.name)) {
  for (const auto& [cpu, memory] : fleet.sizes())
    shrink_.push_back({1 / power(need_.cpu, cpu), 1 / power(need_.memory_mb, memory)});
  add_affinities(job.affinities);
  add_affinities(group.affinities);
  for (const model::Task& task : group.tasks)
    add_affinities(task.affinities);
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
  return own;
}

Search::Found Search::found(Row row, bool avoided) const {
  const Own parts = own(row);
  const double spread = places_.empty() ? 0 : places_[place_of(row)].spread;
  const auto millionths = [](double score) { return static_cast<int>(std::lround(score * 1e6)); };
  Found found{row, parts.sum() + spread - (avoided ? 1 : 0), {}};
  found.score /= parts.parts + (spread != 0 ? 1 : 0) + (avoided ? 1 : 0);
  found.parts.binpack = millionths(parts.fit);
  found.parts.anti_affinity = millionths(parts.anti_affinity);
  found.parts.affinity = millionths(parts.affinity);
  found.parts.spread = millionths(spread);
  found.parts.reschedule_penalty = avoided ? millionths(-1) : 0;
  return found;
}

void Search::enter(Row row) {
  const Own parts = own(row);
  const std::size_t number = place_of(row) * parts_max + static_cast<std::size_t>(parts.parts) - 1;
  List& list = lists_[number];
  list.heap.push_back({parts.sum(), tie_of(row), row, versions_[row]});
  std::push_heap(list.heap.begin(), list.heap.end());
  if (list.head == no_head)
    add_head(static_cast<std::uint32_t>(number));
  else
    heads_[list.head].top = list.heap.front();
}

void Search::add_head(std::uint32_t number) {
  List& list = lists_[number];
  list.head = static_cast<std::uint32_t>(heads_.size());
  heads_.push_back(
      {list.heap.front(), number, number / parts_max, static_cast<int>(number % parts_max) + 1});
}

/// Keeps the best `wanted` of what it is offered, worst first, until it is made a heap.
void Search::offer(List& list, Row row, double sum, std::size_t wanted) {
  std::vector<Entry>& heap = list.heap;
  const auto worst_first = [](const Entry& a, const Entry& b) { return b < a; };
  if (heap.size() < wanted) {
    heap.push_back({sum, tie_of(row), row, versions_[row]});
    std::push_heap(heap.begin(), heap.end(), worst_first);
    return;
  }
  if (list.left_out && sum < list.left_out->sum) return;  // most nodes, most of the time
  Entry entry{sum, tie_of(row), row, versions_[row]};
  if (heap.front() < entry) {
    std::pop_heap(heap.begin(), heap.end(), worst_first);
    std::swap(heap.back(), entry);
    std::push_heap(heap.begin(), heap.end(), worst_first);
  }
  if (!list.left_out || *list.left_out < entry) list.left_out = entry;
}

/// Enters every node that has room; of each list only the best `wanted`, when that leaves out many.
void Search::fill(std::size_t wanted) {
  versions_.resize(fleet_.size());
  lists_.assign(places_.size() * parts_max, {});
  heads_.clear();
  const bool cut = wanted * places_.size() * share_worth_cutting < fleet_.size();
  const std::vector<char> kinds = feasibility_.allowed_kinds();
  for (Row row = 0; row < fleet_.size(); ++row) {
    const Seat& seat = fleet_.seat(row);
    if (!seat.ready || !kinds[seat.kind]) continue;
    if (feasibility_.escaped() && !feasibility_.allows(row)) continue;
    if (!fits(seat)) {
      if (!filled_ && is_distinct(row)) note_full(row);
      continue;
    }
    if (!is_distinct(row) || (!rejected_.empty() && rejected_.contains(row))) continue;
    const Own parts = own(row);
    List& list = lists_[place_of(row) * parts_max + static_cast<std::size_t>(parts.parts) - 1];
    if (cut)
      offer(list, row, parts.sum(), wanted);
    else
      list.heap.push_back({parts.sum(), tie_of(row), row, versions_[row]});
  }
  for (std::uint32_t number = 0; number < lists_.size(); ++number) {
    std::vector<Entry>& heap = lists_[number].heap;
    if (heap.empty()) continue;
    std::make_heap(heap.begin(), heap.end());
    add_head(number);
  }
  filled_ = true;
}

/// Brings a node that counts now to the top; those to be avoided are put aside. False when one that
/// was left out may be better.
bool Search::settle(Head& head, const std::vector<Row>& avoid, std::vector<Row>& aside) {
  List& list = lists_[head.list];
  while (!list.heap.empty()) {
    const Entry& top = list.heap.front();
    const bool is_stale = top.version != versions_[top.row];
    const bool is_avoided = !is_stale && std::ranges::find(avoid, top.row) != avoid.end();
    if (!is_stale && !is_avoided) break;
    if (is_avoided) aside.push_back(top.row);
    std::pop_heap(list.heap.begin(), list.heap.end());
    list.heap.pop_back();
  }
  if (!list.heap.empty()) head.top = list.heap.front();
  return !list.left_out || (!list.heap.empty() && *list.left_out < head.top);
}

/// The best row that is not to be avoided. False when the lists have to be filled again first.
bool Search::find_best(const std::vector<Row>& avoid, std::vector<Row>& aside,
                       std::optional<Row>& best) {
  double best_score = 0;
  std::uint64_t best_tie = 0;
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    Head& head = heads_[i];
    const Place& place = places_[head.place];
    if (!place.open) continue;
    if (head.top.version != versions_[head.top.row] || !avoid.empty()) {
      if (!settle(head, avoid, aside)) return false;
      if (List& list = lists_[head.list]; list.heap.empty()) {
        list.head = no_head;
        head = heads_.back();
        if (i + 1 < heads_.size()) lists_[head.list].head = static_cast<std::uint32_t>(i);
        heads_.pop_back();
        --i;
        continue;
      }
    }
    const int parts = head.parts + (place.spread != 0 ? 1 : 0);
    const double score = (head.top.sum + place.spread) / parts;
    if (!best || score > best_score || (score == best_score && head.top.tie > best_tie)) {
      best = head.top.row;
      best_score = score;
      best_tie = head.top.tie;
    }
  }
  return true;
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
  if (best) chosen = found(*best, false);
  for (const Row row : avoid) {
    if (!has_room(row) || !places_[place_of(row)].open) continue;
    const Found other = found(row, true);
    const bool is_better = !chosen || other.score > chosen->score ||
                           (other.score == chosen->score && tie_of(row) > tie_of(chosen->row));
    if (is_better) chosen = other;
  }
  return chosen;
}

std::optional<Search::Found> Search::look_at(Row row) {
  if (!has_room(row)) return {};
  find_places();
  update_places();
  if (!places_[place_of(row)].open) return {};
  return found(row, false);
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

/// Nodes whose spread and limits are one share a place.
void Search::find_places() {
  if (!places_.empty()) return;
  std::vector<const Tally*> tallies;
  for (const SpreadScale& spread : spreads_)
    tallies.push_back(&spread.tally());
  for (const Limit& limit : limits_)
    tallies.push_back(limit.tally);
  if (tallies.empty()) {
    places_.emplace_back();
    return;
  }
  places_by_row_ = std::ranges::any_of(tallies, [](const Tally* t) { return t->column->by_row; });
  place_.assign(places_by_row_ ? fleet_.size() : fleet_.kinds().size(), 0);
  for (const Tally* tally : tallies) {  // splits the places so far by one more value
    std::unordered_map<std::uint64_t, std::uint32_t> known;
    places_.clear();
    for (std::uint32_t i = 0; i < place_.size(); ++i) {
      const std::uint32_t value = tally->column->at(i, places_by_row_ ? fleet_.seat(i).kind : i);
      const auto [found, is_new] =
          known.try_emplace(static_cast<std::uint64_t>(place_[i]) << 32 | value,
                            static_cast<std::uint32_t>(places_.size()));
      if (is_new) places_.push_back({.member = i});
      place_[i] = found->second;
    }
  }
}

std::uint32_t Search::place_of(Row row) const {
  if (place_.empty()) return 0;
  return place_[places_by_row_ ? row : fleet_.seat(row).kind];
}

void Search::update_places() {
  if (place_.empty() || places_seen_ == copies_.changes()) return;
  places_seen_ = copies_.changes();
  for (SpreadScale& spread : spreads_)
    spread.update();
  for (Place& place : places_) {
    const std::uint32_t i = place.member;
    const std::uint32_t kind = places_by_row_ ? fleet_.seat(i).kind : i;
    place.spread = 0;
    for (const SpreadScale& spread : spreads_)
      place.spread += spread.boost(i, kind);
    place.open = std::ranges::all_of(limits_, [&](const Limit& limit) {
      const std::uint32_t id = limit.tally->column->at(i, kind);
      return id != 0 && limit.tally->counts[id] < limit.most;
    });
  }
}

}  // namespace caravan::scheduler
