// SPDX-License-Identifier: Apache-2.0
#include "gossip/crowd.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/assert.hpp"

namespace caravan::gossip {
namespace {

constexpr std::uint32_t label = 7;
constexpr std::size_t wheel_ms = 1024;
constexpr std::int64_t tick_ms = 50;

}  // namespace

Crowd::Crowd(CrowdConfig config)
    : config_(config), draw_(config.seed), members_(config.members), wheel_(wheel_ms) {
  ASSERT(config.latency_max_ms < static_cast<int>(wheel_ms));
  std::vector<Claim> everybody;
  for (std::size_t i = 0; i < config.members; ++i)
    everybody.push_back({id_of(i), Status::alive, 1, 0, std::make_shared<const Card>(card_of(i))});
  for (std::size_t i = 0; i < config.members; ++i) {
    CoreConfig core{config_.tuning, card_of(i), 1, draw_.next()};
    members_[i].core = std::make_unique<Core>(std::move(core), now());
    (void)members_[i].core->merge(now(), everybody);
    members_[i].core->forget_rumors();
  }
}

Card Crowd::card_of(std::size_t member) const {
  const auto port = static_cast<std::uint16_t>(member % 60'000 + 1);
  return {id_of(member), {fmt::format("10.0.0.{}", member / 60'000), port, false}, "data"};
}

void Crowd::deliver(Delivery delivery) {
  Member& member = members_[delivery.to];
  if (!member.running) return;
  if (member.paused_until > now_ms_) return member.held.push_back(std::move(delivery));
  take(delivery.to, member.core->receive(now(), card_of(delivery.from).address, delivery.packet));
}

void Crowd::take(std::size_t member, Output out) {
  for (const MemberId id : out.changed) {
    const Row* row = members_[member].core->others().find(id);
    if (!row) continue;
    if (row->status == Status::suspect) ++suspicions;
    if (row->status == Status::failed && members_[id - 1].running) ++false_deaths;
  }
  for (Output::Send& send : out.packets) {
    ++packets;
    claims += send.packet.claims.size();
    const std::size_t to =
        send.to.port - 1u + 60'000 * static_cast<std::size_t>(send.to.host.back() - '0');
    if (config_.through_codec) {
      const std::string bytes = encode(send.packet, label);
      largest = std::max<std::uint64_t>(largest, bytes.size());
      auto again = decode_packet(bytes);
      ASSERT(again.has_value());
      send.packet = *std::move(again);
    }
    if (draw_.below(1000) < static_cast<std::size_t>(config_.loss)) continue;
    if (!cuts_.empty() && cuts_.contains({member, to})) continue;
    const auto span = static_cast<std::size_t>(config_.latency_max_ms - config_.latency_min_ms + 1);
    const std::size_t trip = static_cast<std::size_t>(config_.latency_min_ms) + draw_.below(span);
    wheel_[(static_cast<std::size_t>(now_ms_) + trip) % wheel_ms].push_back(
        {static_cast<std::uint32_t>(member), static_cast<std::uint32_t>(to),
         std::move(send.packet)});
  }
  const auto answers = [&](const CardPtr& card) {
    const std::size_t other = card->id - 1;
    return members_[other].running && !is_paused(other) && !cuts_.contains({member, other}) &&
           !cuts_.contains({other, member});
  };
  for (const Output::Reach& reach : out.reach)
    if (config_.streams && answers(reach.card)) members_[member].core->reached(reach.nonce);
  for (const CardPtr& card : out.exchange) {
    if (!answers(card)) continue;
    const std::size_t other = card->id - 1;
    const std::vector<Claim> ours = members_[member].core->table();
    take(member, members_[member].core->merge(now(), members_[other].core->table()));
    take(other, members_[other].core->merge(now(), ours));
  }
}

void Crowd::tick(std::size_t index) {
  Member& member = members_[index];
  if (!member.running || member.paused_until > now_ms_) return;
  // One that wakes looks at its clock before it reads what has come: the worse order.
  take(index, member.core->tick(now()));
  std::vector<Delivery> held = std::move(member.held);
  member.held.clear();
  for (Delivery& delivery : held)
    deliver(std::move(delivery));
}

void Crowd::run_for(base::Duration time) {
  const std::int64_t until = now_ms_ + time.count() / 1'000'000;
  for (; now_ms_ < until; ++now_ms_) {
    auto& due = wheel_[static_cast<std::size_t>(now_ms_) % wheel_ms];
    std::vector<Delivery> arrived = std::move(due);
    due.clear();
    for (Delivery& delivery : arrived)
      deliver(std::move(delivery));
    for (std::size_t i = static_cast<std::size_t>(now_ms_ % tick_ms); i < members_.size();
         i += tick_ms)
      tick(i);
  }
}

void Crowd::crash(std::size_t member) { members_[member].running = false; }

void Crowd::restart(std::size_t index) {
  Member& member = members_[index];
  member.running = true;
  member.held.clear();
  CoreConfig core{config_.tuning, card_of(index), 1, draw_.next()};
  member.core = std::make_unique<Core>(std::move(core), now());
  const std::size_t other = index == 0 ? 1 : 0;
  const std::vector<Claim> ours = member.core->table();
  take(index, member.core->merge(now(), members_[other].core->table()));
  take(other, members_[other].core->merge(now(), ours));
}

void Crowd::pause(std::size_t member, base::Duration time) {
  members_[member].paused_until = now_ms_ + time.count() / 1'000'000;
}

void Crowd::leave(std::size_t member) { take(member, members_[member].core->leave(now())); }

std::size_t Crowd::believing(std::size_t member, Status status) const {
  return static_cast<std::size_t>(std::ranges::count_if(members_, [&](const Member& other) {
    if (!other.running || other.core->self()->id == id_of(member)) return false;
    const Row* row = std::as_const(*other.core).others().find(id_of(member));
    return row && row->status == status;
  }));
}

std::size_t Crowd::running() const {
  return static_cast<std::size_t>(std::ranges::count_if(members_, &Member::running));
}

}  // namespace caravan::gossip
