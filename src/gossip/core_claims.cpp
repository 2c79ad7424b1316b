// SPDX-License-Identifier: Apache-2.0
// What a claim changes: the rules by which all members come to believe the same.
#include <algorithm>

#include "gossip/core.hpp"

namespace caravan::gossip {
namespace {

/// In one packet; cards are large.
constexpr std::size_t corrections_max = 1;

}  // namespace

void Core::set_status(Row& row, Status status, Output& out) {
  if (row.status == status) return;
  others_.taking_part -= row.takes_part() ? 1 : 0;
  row.status = status;
  row.changed = time_;
  others_.taking_part += row.takes_part() ? 1 : 0;
  if (status != Status::suspect) suspicions_.erase(row.card->id);
  out.changed.push_back(row.card->id);
}

void Core::apply(const Claim& claim, Output& out) {
  if (claim.about == self_->id) return answer_accusation(claim, out);
  Row* row = others_.find(claim.about);
  if (claim.status == Status::alive) return apply_alive(claim, row, out);
  if (!row) {
    // Of one that nobody has presented nothing can be said; the whole table presents all.
    if (!claim.card) return;
    const Status status = claim.status == Status::suspect ? Status::alive : claim.status;
    others_.add({claim.card, claim.incarnation, time_, time_, status}, draw_);
    out.changed.push_back(claim.about);
    return;
  }
  if (claim.incarnation < row->incarnation) return;
  if (claim.status == Status::suspect) return apply_suspect(claim, *row, out);
  apply_end(claim, *row, out);
}

void Core::apply_alive(const Claim& claim, Row* row, Output& out) {
  if (!claim.card) return;
  if (!row) {
    others_.add({claim.card, claim.incarnation, time_, time_, Status::alive}, draw_);
    out.changed.push_back(claim.about);
    rumors_.add(claim);
    return;
  }
  if (claim.incarnation <= row->incarnation) return;
  row->incarnation = claim.incarnation;
  row->heard = time_;
  if (*row->card != *claim.card) {
    row->card = claim.card;
    if (row->status == Status::alive) out.changed.push_back(claim.about);
  }
  set_status(*row, Status::alive, out);
  rumors_.add(claim);
}

void Core::apply_suspect(const Claim& claim, Row& row, Output& out) {
  if (!row.takes_part()) return;
  if (row.status == Status::suspect && claim.incarnation == row.incarnation) {
    const auto suspicion = suspicions_.find(claim.about);
    if (suspicion == suspicions_.end()) return;
    // The first voices shorten the suspicion, so they are passed on; later ones change nothing.
    auto& [id, known] = *suspicion;
    const bool counts = static_cast<int>(known.accusers.size()) <= known.wanted;
    if (counts && known.accusers.insert(claim.accuser).second) rumors_.add(claim);
    return;
  }
  row.incarnation = claim.incarnation;
  set_status(row, Status::suspect, out);
  Suspicion suspicion;
  suspicion.begun = time_;
  suspicion.shortest = suspicion_min_of(tuning_, members());
  suspicion.longest = suspicion.shortest * tuning_.suspicion_max;
  const auto further = static_cast<int>(members()) - 2;  // besides the accused and the first voice
  suspicion.wanted = std::clamp(further, 0, tuning_.confirmations);
  suspicion.accusers.insert(claim.accuser);
  suspicions_[claim.about] = std::move(suspicion);
  rumors_.add(claim);
}

/// Failed or left: the later of the two counts, and nothing but the member itself takes it back.
void Core::apply_end(const Claim& claim, Row& row, Output& out) {
  if (row.status >= claim.status && claim.incarnation == row.incarnation) return;
  row.incarnation = claim.incarnation;
  if (row.status == claim.status) return;
  set_status(row, claim.status, out);
  Claim news = claim;
  news.card = nullptr;
  rumors_.add(std::move(news));
}

/// What a speaker ought to know instead of what it said. News dies out before the very last has
/// heard it; without this such a one would hold a living member for dead that has long answered.
std::vector<Claim> Core::corrections(const Packet& packet) const {
  std::vector<Claim> all;
  for (const Claim& claim : packet.claims) {
    if (claim.status != Status::suspect && claim.status != Status::failed) continue;
    if (all.size() >= corrections_max) break;
    if (claim.about == self_->id) {
      all.push_back(about_self());
    } else if (const Row* row = others_.find(claim.about);
               row && row->status == Status::alive && row->incarnation > claim.incarnation) {
      all.push_back(claim_of(*row));
    }
  }
  return all;
}

/// What others say of this member. An earlier life of it may have got further than this one.
void Core::answer_accusation(const Claim& claim, Output& out) {
  if (claim.incarnation < incarnation_) return;
  const bool is_ours = claim.incarnation == incarnation_ && claim.status == Status::alive &&
                       claim.card && *claim.card == *self_;
  if (is_ours || (leaving_ && claim.status == Status::left)) return;
  const bool is_accused = claim.status == Status::suspect || claim.status == Status::failed;
  incarnation_ = claim.incarnation + 1;
  if (is_accused) feel(+1);
  rumors_.add(about_self());
  const Row* accuser = others_.find(claim.accuser);
  if (!is_accused || !accuser) return;
  Packet packet = packet_to(accuser, Kind::gossip, 0);
  packet.claims.push_back(about_self());
  send(out, accuser->card->address, accuser, std::move(packet));
}

}  // namespace caravan::gossip
