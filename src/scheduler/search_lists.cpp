// SPDX-License-Identifier: Apache-2.0
// The nodes of a search: in places by what spreads and limits look at, and in each place in lists,
// the best first.
#include "scheduler/search.hpp"

namespace caravan::scheduler {
namespace {

/// A list that would leave out fewer than this share of the nodes holds all of them.
constexpr std::size_t share_worth_cutting = 4;

}  // namespace

void Search::enter(Row row) {
  const Own parts = own(row);
  const std::size_t number = place_of(row) * parts_max_ + static_cast<std::size_t>(parts.parts) - 1;
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
      {list.heap.front(), number, number / parts_max_, static_cast<int>(number % parts_max_) + 1});
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
  lists_.assign(places_.size() * parts_max_, {});
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
    List& list = lists_[place_of(row) * parts_max_ + static_cast<std::size_t>(parts.parts) - 1];
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
