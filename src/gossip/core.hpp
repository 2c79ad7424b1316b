// SPDX-License-Identifier: Apache-2.0
// Membership as a pure function: (state, time, packet or tick) → packets and changes. SWIM (Das,
// Gupta, Motivala 2002) with the three extensions of Lifeguard (Dadgar, Phillips, Currey 2018):
//
// - a member that is in trouble itself probes more slowly and waits longer (health_),
// - a suspicion is the shorter, the more others share it (suspicion_timeout),
// - a suspected member hears of it first, from whoever speaks to it (remarks_for).
//
// Beyond the papers: a ping is sent twice before others are asked, and a stream is tried beside
// them; a stretch in which this member itself did not run counts as nobody's silence; the accused
// answers its accuser directly; who hears what is outdated corrects the speaker; and before the
// sentence the accused is asked once more.
#pragma once

#include <map>
#include <set>

#include "gossip/packet.hpp"
#include "gossip/roster.hpp"
#include "gossip/rumors.hpp"
#include "gossip/tuning.hpp"

namespace caravan::gossip {

/// What the core wants done.
struct Output {
  struct Send {
    io::Address to;
    Packet packet;
  };
  struct Reach {
    CardPtr card;
    std::uint64_t nonce = 0;
  };
  std::vector<Send> packets;
  std::vector<MemberId> changed;  // their status or card; one that is not known any more
  std::vector<Reach> reach;       // try over a stream, and call reached() when it answers
  std::vector<CardPtr> exchange;  // tell each other everything over a stream
  bool empty() const {
    return packets.empty() && changed.empty() && reach.empty() && exchange.empty();
  }
};

struct CoreConfig {
  Tuning tuning;
  Card self;
  /// Where the incarnations of this life begin: above those of earlier lives, as the wall clock in
  /// milliseconds is as a rule. Where it is not, the others' answers raise it.
  std::uint64_t incarnation = 0;
  std::uint64_t seed = 0;
};

class Core {
 public:
  Core(CoreConfig config, base::Duration now);

  /// What time itself asks for. To be called every Tuning::tick.
  Output tick(base::Duration now);
  Output receive(base::Duration now, const io::Address& from, const Packet& packet);
  /// A stream to a member that was to be reached has answered.
  void reached(std::uint64_t nonce);
  /// Takes over what another member knows. A failure that only it has seen becomes a suspicion, so
  /// that the accused can answer.
  Output merge(base::Duration now, const std::vector<Claim>& table);
  /// Everything, for the other side of an exchange.
  std::vector<Claim> table() const;
  /// Nothing is told any more of what is known so far: for a crowd that knows itself from the
  /// start.
  void forget_rumors() { rumors_ = {}; }

  /// Tells the others something else of this member.
  void present(std::string data);
  /// Says good-bye: everybody near hears it at once, the others soon.
  Output leave(base::Duration now);
  /// Says for another one that it has left for good. Nothing happens to one that is not known.
  Output dismiss(base::Duration now, MemberId id);

  const Roster& others() const { return others_; }
  const CardPtr& self() const { return self_; }
  std::uint64_t incarnation() const { return incarnation_; }
  /// How long nothing was heard of it, by the time in which this member ran.
  base::Duration silence(const Row& row) const { return time_ - row.heard; }
  int health() const { return health_; }  // 0: well

 private:
  struct Probe {
    MemberId target = 0;
    base::Duration begun{0};
    int stage = 0;  // 0: pinged once, 1: twice, 2: others were asked
    int asked = 0, nacks = 0;
  };
  struct Relay {
    io::Address to;
    MemberId member = 0;
    std::uint64_t nonce = 0;
    base::Duration until{0};
  };
  struct Suspicion {
    base::Duration begun{0}, shortest{0}, longest{0};
    int wanted = 0;
    bool was_asked = false;  // before its end, by us
    std::set<MemberId> accusers;
  };

  void advance(base::Duration now);
  base::Duration slowed(base::Duration duration) const { return duration * (1 + health_); }
  void feel(int change);
  std::size_t members() const { return others_.taking_part + 1; }

  void run_probes(Output& out);
  void run_suspicions(Output& out);
  void run_relays(Output& out);
  void begin_probe(Output& out);
  void ask_others(std::uint64_t nonce, Probe& probe, Output& out);
  void spread(Output& out);
  void reconnect(Output& out);

  void apply(const Claim& claim, Output& out);
  std::vector<Claim> corrections(const Packet& packet) const;
  void apply_alive(const Claim& claim, Row* row, Output& out);
  void apply_suspect(const Claim& claim, Row& row, Output& out);
  void apply_end(const Claim& claim, Row& row, Output& out);
  void answer_accusation(const Claim& claim, Output& out);
  void set_status(Row& row, Status status, Output& out);

  Claim about_self() const;
  Claim claim_of(const Row& row) const;
  Packet packet_to(const Row* row, Kind kind, std::uint64_t nonce) const;
  void send(Output& out, const io::Address& to, const Row* row, Packet packet);
  void remarks_for(const Row* row, std::vector<Claim>& claims) const;

  Tuning tuning_;
  CardPtr self_;
  std::uint64_t incarnation_;
  Draw draw_;
  bool leaving_ = false;
  int health_ = 0;
  /// The time in which this member ran: all that follows is measured by it.
  base::Duration time_{0};
  base::Duration last_call_;
  Roster others_;
  Rumors rumors_;
  std::map<std::uint64_t, Probe> probes_;  // by nonce
  std::map<std::uint64_t, Relay> relays_;
  std::map<MemberId, Suspicion> suspicions_;
  base::Duration next_probe_{0}, next_gossip_{0}, next_exchange_{0}, next_reconnect_{0},
      next_forget_{0};
};

}  // namespace caravan::gossip
