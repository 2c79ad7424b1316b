// SPDX-License-Identifier: Apache-2.0
#include "gossip/roster.hpp"

#include <algorithm>

namespace caravan::gossip {
namespace {

/// Tries at random before a table is walked through in order.
constexpr std::size_t tries_per_pick = 8;

}  // namespace

const Row* Roster::find(MemberId id) const {
  const auto at =
      std::ranges::lower_bound(index_, id, {}, &std::pair<MemberId, std::uint32_t>::first);
  return at != index_.end() && at->first == id ? &rows_[at->second] : nullptr;
}

Row* Roster::find(MemberId id) { return const_cast<Row*>(std::as_const(*this).find(id)); }

Row& Roster::add(Row row, Draw& draw) {
  const MemberId id = row.card->id;
  const auto place = static_cast<std::uint32_t>(rows_.size());
  const auto at =
      std::ranges::lower_bound(index_, id, {}, &std::pair<MemberId, std::uint32_t>::first);
  index_.insert(at, {id, place});
  round_.push_back(place);
  std::swap(round_.back(), round_[draw.below(round_.size())]);
  taking_part += row.takes_part() ? 1 : 0;
  return rows_.emplace_back(std::move(row));
}

void Roster::expect(std::size_t members) {
  rows_.reserve(members);
  index_.reserve(members);
  round_.reserve(members);
}

Row* Roster::next_in_round(Draw& draw) {
  for (std::size_t looked = 0; looked < round_.size(); ++looked) {
    if (turn_ >= round_.size()) {
      turn_ = 0;
      for (std::size_t i = round_.size(); i > 1; --i)
        std::swap(round_[i - 1], round_[draw.below(i)]);
    }
    Row& row = rows_[round_[turn_++]];
    if (row.takes_part()) return &row;
  }
  return nullptr;
}

std::vector<const Row*> Roster::pick(std::size_t count, Draw& draw,
                                     const std::function<bool(const Row&)>& fits) const {
  std::vector<const Row*> picked;
  if (rows_.empty()) return picked;
  const auto take = [&](const Row& row) {
    if (fits(row) && std::ranges::find(picked, &row) == picked.end()) picked.push_back(&row);
  };
  for (std::size_t i = 0; i < count * tries_per_pick && picked.size() < count; ++i)
    take(rows_[draw.below(rows_.size())]);
  const std::size_t start = draw.below(rows_.size());
  const std::size_t walk = std::min(rows_.size(), tries_per_pick * tries_per_pick);
  for (std::size_t i = 0; i < walk && picked.size() < count; ++i)
    take(rows_[(start + i) % rows_.size()]);
  return picked;
}

void Roster::forget(const std::function<bool(const Row&)>& gone) {
  if (std::erase_if(rows_, gone) == 0) return;
  index_.clear();
  round_.clear();
  taking_part = 0;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    index_.emplace_back(rows_[i].card->id, i);
    round_.push_back(i);
    taking_part += rows_[i].takes_part() ? 1 : 0;
  }
  std::ranges::sort(index_);
}

}  // namespace caravan::gossip
