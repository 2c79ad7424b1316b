// SPDX-License-Identifier: Apache-2.0
#include "gossip/rumors.hpp"

#include <algorithm>

namespace caravan::gossip {
namespace {

/// So many that do not fit are passed over before a packet is taken for full.
constexpr int misfits_max = 8;

}  // namespace

void Rumors::add(Claim claim) {
  Rumor& rumor = rumors_[claim.about];
  turns_.erase(rumor.turn);
  rumor = {std::move(claim), {}};
  rumor.turn = {0, --newest_, rumor.claim.about};
  turns_.insert(rumor.turn);
}

void Rumors::fill(std::vector<Claim>& claims, int limit) {
  std::size_t used = 0;
  for (const Claim& claim : claims)
    used += encoded_size(claim);
  const std::size_t before = claims.size();
  std::vector<Turn> told;
  int misfits = 0;
  for (const Turn& turn : turns_) {
    if (claims.size() >= claims_max || misfits > misfits_max) break;
    const Claim& claim = rumors_.at(turn.about).claim;
    const auto same = [&](const Claim& other) { return other.about == claim.about; };
    const auto already = std::span(claims).first(before);
    if (used + encoded_size(claim) > claims_bytes_max || std::ranges::any_of(already, same)) {
      ++misfits;
      continue;
    }
    used += encoded_size(claim);
    claims.push_back(claim);
    told.push_back(turn);
  }
  for (Turn turn : told) {
    turns_.erase(turn);
    if (++turn.told >= limit) {
      rumors_.erase(turn.about);
      continue;
    }
    rumors_.at(turn.about).turn = turn;
    turns_.insert(turn);
  }
}

}  // namespace caravan::gossip
