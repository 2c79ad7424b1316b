// SPDX-License-Identifier: Apache-2.0
// Engines over a network and disks that are as bad as the seed says, in virtual milliseconds. It
// needs nothing but the engine, so it stands before everything else does. After every event it
// checks Raft's promises and throws std::logic_error with the seed when one is broken.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "consensus/engine.hpp"

namespace caravan::consensus::test {

/// All in virtual milliseconds or shares of 1000, drawn from the seed.
struct VoterKnobs {
  int loss, duplicate;      // per thousand messages
  int delay_max;            // of a message
  int sync_max;             // of a disk sync
  int crash_every;          // mean time between crashes of some server
  int partition_every;      // mean time between changes of the network
  int snapshot_every;       // entries between snapshots
  static VoterKnobs draw(std::mt19937_64& random);
  std::string to_string() const;
};

class VoterCluster {
 public:
  VoterCluster(std::uint64_t seed, int voters);

  /// Faults and proposals for `ms`, then none of the former until everybody agrees.
  void run_with_faults(int ms);
  void heal_and_agree();

  std::uint64_t trace() const { return trace_; }
  std::size_t acknowledged() const { return acknowledged_.size(); }
  std::size_t installed() const { return installed_; }  // snapshots from leaders
  std::size_t elections() const { return leader_of_term_.size(); }
  const VoterKnobs& knobs() const { return knobs_; }

 private:
  struct Write {  // what one Output asks of the disk
    std::uint64_t number = 0;
    std::optional<SnapshotMeta> snapshot;
    std::vector<Entry> entries;
    std::optional<HardState> hard_state;
    std::vector<Message> send_after;
  };
  struct Disk {
    HardState hard_state;
    SnapshotMeta snapshot;
    Index truncated_index = 0;
    Term truncated_term = 0;
    std::vector<Entry> entries;
    void write(const Write& write);
    void compact(const SnapshotMeta& meta, Index index);
  };
  struct Server {
    ServerId id = 0;
    std::optional<Engine> engine;  // none while crashed
    std::uint64_t incarnation = 0;
    Disk disk;                     // synced
    std::deque<Write> unsynced;
    bool syncing = false;
    Index applied = 0;
    std::uint64_t state = 0;       // the state machine: a hash of all that was applied
    std::set<std::string> waiting; // proposed here, not yet applied here
  };
  struct Event {
    std::int64_t at;
    std::uint64_t seq;
    enum Kind { tick, deliver, synced, restart, crash, partition, propose } kind;
    ServerId server;
    std::uint64_t incarnation;
    std::string body;
    std::size_t writes;
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : seq > other.seq;
    }
  };

  Server& server(ServerId id) { return servers_[id - 1]; }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  void at(std::int64_t delay, Event::Kind kind, ServerId server, std::string body = {},
          std::size_t writes = 0);
  void handle(const Event& event);
  void start(Server& server);
  void crash(Server& server);
  void change_partition();
  void pump(Server& server);
  void send(const Server& from, const std::vector<Message>& messages);
  void apply(Server& server, const Entry& entry);
  void install(Server& server, const SnapshotMeta& snapshot);
  void maybe_snapshot(Server& server);
  void begin_sync(Server& server);
  void propose();
  void check(const Server& server);
  void note_log(const Server& server, const std::vector<Entry>& entries);
  void expect(bool holds, const std::string& promise) const;
  void mix(std::uint64_t word);
  bool agreed() const;

  std::uint64_t seed_;
  std::mt19937_64 random_;
  VoterKnobs knobs_;
  std::int64_t now_ = 0;
  std::uint64_t seq_ = 0, proposals_ = 0;
  bool faults_ = true, proposing_ = true;
  std::uint64_t trace_ = 1469598103934665603ull;
  std::priority_queue<Event> events_;
  std::vector<Server> servers_;
  std::set<std::pair<ServerId, ServerId>> cut_;  // directed
  std::map<Term, ServerId> leader_of_term_;
  std::map<std::pair<Index, Term>, std::pair<std::string, Term>> log_;  // data, term before
  std::vector<std::pair<Term, std::string>> committed_;                 // [index - 1]
  std::map<std::string, Index> position_;                               // of committed proposals
  std::set<std::string> acknowledged_;
  std::size_t installed_ = 0;
};

}  // namespace caravan::consensus::test
