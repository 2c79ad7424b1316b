// SPDX-License-Identifier: Apache-2.0
// Test-only: many cores in virtual time, with nothing but packets between them that may be lost,
// and members that pause and die. Ten thousand of them must fit, so it is a wheel of milliseconds
// and no sim::World.
#pragma once

#include <memory>

#include "gossip/core.hpp"

namespace caravan::gossip {

struct CrowdConfig {
  std::size_t members = 3;
  std::uint64_t seed = 1;
  int loss = 0;  // of packets, per thousand
  int latency_min_ms = 1, latency_max_ms = 20;
  bool through_codec = false;  // every packet is encoded and decoded
  bool streams = false;        // reaching over a stream works where the other one runs
  Tuning tuning;
};

class Crowd {
 public:
  explicit Crowd(CrowdConfig config);

  void run_for(base::Duration time);
  base::Duration now() const { return base::Duration(std::int64_t{1'000'000} * now_ms_); }
  Core& core(std::size_t member) { return *members_[member].core; }
  std::size_t size() const { return members_.size(); }

  void crash(std::size_t member);
  void restart(std::size_t member);  // knows member 0, or 1 if it is 0, and has told it of itself
  void pause(std::size_t member, base::Duration time);
  bool is_paused(std::size_t member) const { return members_[member].paused_until > now_ms_; }
  bool is_running(std::size_t member) const { return members_[member].running; }
  /// No packet from one to the other.
  void cut(std::size_t from, std::size_t to) { cuts_.insert({from, to}); }
  void heal() { cuts_.clear(); }
  void leave(std::size_t member);

  /// How many running ones hold this one for that.
  std::size_t believing(std::size_t member, Status status) const;
  std::size_t running() const;
  /// Of running members held for failed by a running one.
  std::uint64_t false_deaths = 0, suspicions = 0;
  std::uint64_t packets = 0, claims = 0, largest = 0;

  static MemberId id_of(std::size_t member) { return member + 1; }

 private:
  struct Delivery {
    std::uint32_t from = 0, to = 0;
    Packet packet;
  };
  struct Member {
    std::unique_ptr<Core> core;
    bool running = true;
    std::int64_t paused_until = 0;
    std::vector<Delivery> held;  // while it is paused
  };
  Card card_of(std::size_t member) const;
  void start(std::size_t member);
  void take(std::size_t member, Output out);
  void deliver(Delivery delivery);
  void tick(std::size_t member);

  CrowdConfig config_;
  Draw draw_;
  std::int64_t now_ms_ = 0;
  std::vector<Member> members_;
  std::vector<std::vector<Delivery>> wheel_;
  std::set<std::pair<std::size_t, std::size_t>> cuts_;
};

}  // namespace caravan::gossip
