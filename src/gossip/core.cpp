// SPDX-License-Identifier: Apache-2.0
#include "gossip/core.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace caravan::gossip {
namespace {

using namespace std::chrono_literals;

/// One that failed so recently still hears what is said, in case it only seemed so.
constexpr base::Duration recently = 30s;
constexpr base::Duration forget_interval = 60s;
/// So many are told of a good-bye at once.
constexpr std::size_t farewell_fanout = 16;
/// Asked for by others and not answered yet; further ones are not passed on.
constexpr std::size_t relays_max = 1024;

}  // namespace

Core::Core(CoreConfig config, base::Duration now)
    : tuning_(config.tuning),
      self_(std::make_shared<const Card>(std::move(config.self))),
      incarnation_(config.incarnation),
      draw_(config.seed),
      last_call_(now) {
  ASSERT(self_->id != 0 && self_->data.size() <= card_data_bytes_max);
  // Members that start together do not act in step.
  const auto some = [this](base::Duration of) {
    return base::Duration(static_cast<std::int64_t>(
        draw_.below(static_cast<std::size_t>(std::max<std::int64_t>(1, of.count())))));
  };
  next_probe_ = some(tuning_.probe_interval);
  next_gossip_ = some(tuning_.gossip_interval);
  next_exchange_ = some(tuning_.exchange_interval);
  next_reconnect_ = some(tuning_.reconnect_interval);
  rumors_.add(about_self());
}

void Core::advance(base::Duration now) {
  const base::Duration passed = std::max(0ns, now - last_call_);
  last_call_ = now;
  time_ += std::min(passed, tuning_.step_max);
  if (passed > 2 * tuning_.step_max) feel(+1);
}

void Core::feel(int change) { health_ = std::clamp(health_ + change, 0, tuning_.health_max); }

Claim Core::about_self() const {
  return {self_->id, leaving_ ? Status::left : Status::alive, incarnation_, 0, self_};
}

Claim Core::claim_of(const Row& row) const {
  return {row.card->id, row.status, row.incarnation, self_->id,
          row.status == Status::alive ? row.card : nullptr};
}

Packet Core::packet_to(const Row* row, Kind kind, std::uint64_t nonce) const {
  Packet packet;
  packet.kind = kind;
  packet.nonce = nonce;
  packet.from = self_->id;
  packet.to = row ? row->card->id : 0;
  return packet;
}

/// What is said of a member behind its back it hears to its face, first of all.
void Core::remarks_for(const Row* row, std::vector<Claim>& claims) const {
  if (!row || row->status == Status::alive) return;
  Claim claim = claim_of(*row);
  const auto suspicion = suspicions_.find(claim.about);
  if (suspicion != suspicions_.end() && !suspicion->second.accusers.empty())
    claim.accuser = *suspicion->second.accusers.begin();
  claims.push_back(std::move(claim));
}

void Core::send(Output& out, const io::Address& to, const Row* row, Packet packet) {
  remarks_for(row, packet.claims);
  rumors_.fill(packet.claims, transmissions_of(tuning_, members()));
  out.packets.push_back({to, std::move(packet)});
}

Output Core::tick(base::Duration now) {
  advance(now);
  Output out;
  run_probes(out);
  run_relays(out);
  run_suspicions(out);
  if (time_ >= next_probe_ && !leaving_) begin_probe(out);
  if (time_ >= next_gossip_) spread(out);
  if (time_ >= next_reconnect_ && !leaving_) reconnect(out);
  if (time_ >= next_exchange_ && !leaving_) {
    next_exchange_ = time_ + exchange_interval_of(tuning_, members());
    for (const Row* row :
         others_.pick(1, draw_, [](const Row& r) { return r.status == Status::alive; }))
      out.exchange.push_back(row->card);
  }
  if (time_ >= next_forget_) {
    next_forget_ = time_ + forget_interval;
    others_.forget([&](const Row& row) {
      const bool gone = !row.takes_part() && time_ - row.changed > tuning_.forget_after;
      if (gone) out.changed.push_back(row.card->id);
      return gone;
    });
  }
  return out;
}

void Core::begin_probe(Output& out) {
  next_probe_ = time_ + slowed(probe_interval_of(tuning_, members()));
  const Row* row = others_.next_in_round(draw_);
  if (!row) return;
  const std::uint64_t nonce = draw_.next();
  probes_[nonce] = {row->card->id, time_, 0, 0, 0};
  send(out, row->card->address, row, packet_to(row, Kind::ping, nonce));
}

void Core::run_probes(Output& out) {
  std::vector<MemberId> silent;
  for (auto at = probes_.begin(); at != probes_.end();) {
    auto& [nonce, probe] = *at;
    const base::Duration age = time_ - probe.begun;
    const Row* row = others_.find(probe.target);
    if (!row || !row->takes_part()) {
      at = probes_.erase(at);
      continue;
    }
    if (probe.stage == 0 && age >= slowed(tuning_.repeat_after)) {
      probe.stage = 1;
      send(out, row->card->address, row, packet_to(row, Kind::ping, nonce));
    }
    if (probe.stage == 1 && age >= slowed(tuning_.direct_timeout)) ask_others(nonce, probe, out);
    if (age < slowed(tuning_.probe_timeout)) {
      ++at;
      continue;
    }
    // Where all who were asked could answer, the fault is not on our side.
    if (probe.asked == 0 || probe.nacks < probe.asked) feel(+1);
    silent.push_back(probe.target);
    at = probes_.erase(at);
  }
  for (const MemberId id : silent)
    if (const Row* row = others_.find(id))
      apply({id, Status::suspect, row->incarnation, self_->id, nullptr}, out);
}

void Core::ask_others(std::uint64_t nonce, Probe& probe, Output& out) {
  const Row* target = others_.find(probe.target);
  const auto relays = others_.pick(tuning_.relays, draw_, [&](const Row& row) {
    return row.status == Status::alive && row.card->id != probe.target;
  });
  for (const Row* relay : relays) {
    Packet packet = packet_to(relay, Kind::relay, nonce);
    packet.third = probe.target;
    send(out, relay->card->address, relay, std::move(packet));
  }
  out.reach.push_back({target->card, nonce});
  probe.stage = 2;
  probe.asked = static_cast<int>(relays.size());
}

void Core::reached(std::uint64_t nonce) {
  const auto probe = probes_.find(nonce);
  if (probe == probes_.end()) return;
  if (Row* row = others_.find(probe->second.target)) row->heard = time_;
  probes_.erase(probe);
  feel(-1);
}

void Core::run_relays(Output& out) {
  for (auto at = relays_.begin(); at != relays_.end();) {
    const Relay& relay = at->second;
    if (time_ < relay.until) {
      ++at;
      continue;
    }
    const Row* row = others_.find(relay.member);
    send(out, relay.to, row, packet_to(row, Kind::nack, relay.nonce));
    at = relays_.erase(at);
  }
}

void Core::run_suspicions(Output& out) {
  std::vector<Claim> over;
  for (auto& [id, suspicion] : suspicions_) {
    const auto confirmed = static_cast<int>(suspicion.accusers.size()) - 1;
    const base::Duration timeout =
        suspicion_timeout(suspicion.shortest, suspicion.longest, confirmed, suspicion.wanted);
    const Row* row = others_.find(id);
    if (!row) continue;
    const base::Duration age = time_ - suspicion.begun;
    if (age >= timeout) {
      over.push_back({id, Status::failed, row->incarnation, self_->id, nullptr});
    } else if (age >= timeout - tuning_.last_call && !suspicion.was_asked) {
      suspicion.was_asked = true;
      if (draw_.below(members()) < tuning_.last_callers)
        send(out, row->card->address, row, packet_to(row, Kind::ping, 0));
    }
  }
  for (const Claim& claim : over)
    apply(claim, out);
}

void Core::spread(Output& out) {
  next_gossip_ = time_ + tuning_.gossip_interval;
  if (rumors_.empty()) return;
  const auto listens = [this](const Row& row) {
    return row.takes_part() || (row.status == Status::failed && time_ - row.changed < recently);
  };
  for (const Row* row : others_.pick(tuning_.fanout, draw_, listens)) {
    if (rumors_.empty()) return;
    send(out, row->card->address, row, packet_to(row, Kind::gossip, 0));
  }
}

/// One that failed may live on the other side of a cut, and hold us for failed: what it hears of
/// itself makes it answer.
void Core::reconnect(Output& out) {
  next_reconnect_ = time_ + tuning_.reconnect_interval;
  const auto failed = [](const Row& row) { return row.status == Status::failed; };
  for (const Row* row : others_.pick(1, draw_, failed)) {
    Packet packet = packet_to(row, Kind::ping, 0);
    packet.claims.push_back(about_self());
    send(out, row->card->address, row, std::move(packet));
  }
}

Output Core::receive(base::Duration now, const io::Address& from, const Packet& packet) {
  advance(now);
  Output out;
  if (packet.from == self_->id) return out;
  // An address that another member had before: what it says is true, the question is not for us.
  const bool is_for_us = packet.to == self_->id;
  bool was_gone = false;
  if (Row* row = others_.find(packet.from)) {
    row->heard = time_;
    was_gone = !row->takes_part();
  }
  for (const Claim& claim : packet.claims)
    apply(claim, out);
  const Row* row = others_.find(packet.from);
  // It may have started anew, know nobody, and have no address to join: it is told of all at once.
  if (was_gone && row && row->takes_part() && !leaving_) out.exchange.push_back(row->card);
  Packet reply = packet_to(row, Kind::gossip, 0);
  reply.claims = corrections(packet);
  switch (packet.kind) {
    case Kind::gossip:
      break;
    case Kind::ping:
      if (!is_for_us) break;
      reply.kind = Kind::ack;
      reply.nonce = packet.nonce;
      break;
    case Kind::relay: {
      const Row* third = others_.find(packet.third);
      if (!is_for_us || !third || relays_.size() >= relays_max) break;
      const std::uint64_t nonce = draw_.next();
      // Early enough for the nack to be heard in time.
      relays_[nonce] = {from, packet.from, packet.nonce,
                        time_ + (tuning_.probe_timeout - tuning_.direct_timeout) * 2 / 3};
      send(out, third->card->address, third, packet_to(third, Kind::ping, nonce));
      break;
    }
    case Kind::ack:
      if (const auto relay = relays_.find(packet.nonce); relay != relays_.end()) {
        const Row* member = others_.find(relay->second.member);
        send(out, relay->second.to, member, packet_to(member, Kind::ack, relay->second.nonce));
        relays_.erase(relay);
      } else {
        reached(packet.nonce);
      }
      break;
    case Kind::nack:
      if (const auto probe = probes_.find(packet.nonce); probe != probes_.end())
        ++probe->second.nacks;
      break;
  }
  if (reply.kind == Kind::ack || !reply.claims.empty()) send(out, from, row, std::move(reply));
  return out;
}

Output Core::merge(base::Duration now, const std::vector<Claim>& table) {
  advance(now);
  Output out;
  others_.expect(table.size());
  for (Claim claim : table) {
    if (claim.status == Status::failed && others_.find(claim.about)) claim.status = Status::suspect;
    apply(claim, out);
  }
  return out;
}

std::vector<Claim> Core::table() const {
  std::vector<Claim> all{about_self()};
  for (const Row& row : others_.rows()) {
    Claim claim = claim_of(row);
    claim.card = row.card;
    all.push_back(std::move(claim));
  }
  return all;
}

void Core::present(std::string data) {
  ASSERT(data.size() <= card_data_bytes_max);
  self_ = std::make_shared<const Card>(Card{self_->id, self_->address, std::move(data)});
  ++incarnation_;
  rumors_.add(about_self());
}

Output Core::leave(base::Duration now) {
  advance(now);
  leaving_ = true;
  rumors_.add(about_self());
  Output out;
  for (const Row* row :
       others_.pick(farewell_fanout, draw_, [](const Row& r) { return r.takes_part(); })) {
    Packet packet = packet_to(row, Kind::gossip, 0);
    packet.claims.push_back(about_self());
    send(out, row->card->address, row, std::move(packet));
  }
  return out;
}

Output Core::dismiss(base::Duration now, MemberId id) {
  advance(now);
  Output out;
  if (const Row* row = others_.find(id))
    apply({id, Status::left, row->incarnation, self_->id, nullptr}, out);
  return out;
}

}  // namespace caravan::gossip
