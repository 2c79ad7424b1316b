// SPDX-License-Identifier: Apache-2.0
// The inside of a Replica. Its tasks hold it, so that one that is being cancelled never looks at
// something gone. State lives on the main lane; only LogStore and SnapshotDir are touched
// elsewhere, one call at a time. Only replica_*.cpp include this.
#pragma once

#include <atomic>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "consensus/replica.hpp"
#include "consensus/snapshot_file.hpp"
#include "io/task.hpp"
#include "io/world.hpp"

namespace caravan::consensus {

/// Somebody waits for a command to be applied.
struct PendingProposal {
  explicit PendingProposal(boost::asio::any_io_executor executor) : done(std::move(executor)) {}
  Term term = 0;
  std::size_t bytes = 0;
  base::Duration deadline{0};
  std::optional<base::Result<Index>> result;
  io::Event done;
  void finish(base::Result<Index> value);
};

/// Somebody waits until reads are linearizable.
struct PendingRead {
  explicit PendingRead(boost::asio::any_io_executor executor) : done(std::move(executor)) {}
  base::Duration deadline{0};
  std::optional<base::Status> result;
  io::Event done;
  void finish(base::Status value);
};

class ReplicaCore : public std::enable_shared_from_this<ReplicaCore> {
 public:
  using Self = std::shared_ptr<ReplicaCore>;
  ReplicaCore(io::World& world, ReplicaConfig config, StateMachine& machine, Peers& peers,
              io::Logger logger);

  // replica_recovery.cpp
  static io::Task<base::Status> start(Self self);

  // replica.cpp
  static io::Task<base::Result<Index>> propose(Self self, std::string command, Priority priority,
                                               base::Duration timeout);

  // replica_core.cpp: the engine's outputs, obeyed in order
  void pump();
  void stop();
  void fail(base::Error error);
  void end_flights(Index first, Term term, const base::Error& error);
  void end_waits();
  static io::Task<void> run_ticks(Self self);

  // replica_writer.cpp: the log lane
  static io::Task<void> write_log(Self self);
  static io::Task<bool> write_some(Self self);
  static io::Task<bool> forget_some(Self self);
  void finish_writes(std::size_t count);
  static io::Task<bool> install(Self self, SnapshotMeta snapshot);
  void hand_over(std::string_view why);
  void look_at_disk();
  bool has_slow_disk() const { return slow_until > base::Duration(0); }

  // replica_reads.cpp: read index and lease
  static io::Task<base::Status> read_quorum(Self self, base::Duration timeout);
  void start_read_round();
  void finish_read_round();
  bool has_lease() const;

  // replica_snapshot.cpp: taking them, and sending them to those who are far behind
  static io::Task<void> take_snapshots(Self self);
  bool snapshot_due() const;
  static io::Task<void> send_snapshot(Self self, Message message);
  static io::Task<bool> send_pieces(Self self, ServerId to, Index index, std::string bytes);
  static io::Task<void> receive_pieces(Self self);
  void acknowledge(ServerId to, Index index, std::uint64_t bytes);
  void receive(const std::vector<std::string>& messages);

  /// Ends a task that came back from another lane after the replica had been stopped.
  void check() const;
  base::Duration now() const { return world.clock.uptime(); }

  io::World& world;
  ReplicaConfig config;  // changes before start() only
  StateMachine& machine;
  Peers& peers;
  io::Logger logger;
  const boost::asio::any_io_executor main, log_lane, pool;
  io::TaskGroup tasks;

  std::optional<Engine> engine;  // from start() on
  std::shared_ptr<LogStore> log;
  std::shared_ptr<SnapshotDir> snapshots;
  ConfState conf;
  Index conf_since = 0;          // of the last change of members that was applied since the start
  bool members_unknown = false;  // to the newest snapshot, and somebody needs one that knows them
  LogPoint applied;
  bool stopped = false;
  std::optional<base::Error> failed;
  io::Event failure, leadership;
  base::Duration started{0};
  Replica::Statistics statistics;

  // Proposals: waiting by priority, then in flight by index.
  ProposalQueues queues;
  std::size_t flight_bytes = 0;
  std::deque<LogPoint> batches;  // the ends of the newest ones that were proposed
  std::map<Index, std::shared_ptr<PendingProposal>> in_flight;
  std::list<std::shared_ptr<PendingProposal>> proposals;  // all that somebody waits for
  bool disk_full = false;

  // Reads: one round is on its way; those who come later wait for the next one.
  struct ReadRound {
    std::uint64_t number = 0;
    base::Duration sent{0};
    std::optional<Index> index;  // once the quorum answered
    std::vector<std::shared_ptr<PendingRead>> readers;
  };
  std::optional<ReadRound> round;
  std::vector<std::shared_ptr<PendingRead>> next_readers;
  std::list<std::shared_ptr<PendingRead>> reads;  // all that somebody waits for
  std::uint64_t rounds = 0;
  std::atomic<std::int64_t> lease_until = 0;  // by uptime; read from any lane
  base::Duration leader_heard{0};
  Term lease_term = 0;
  Term no_lease_term = 0;  // a transfer was tried in it: its order may still be on the way

  // Outputs on their way to the disk.
  struct Write {
    std::uint64_t number = 0;
    std::optional<SnapshotMeta> snapshot;
    std::vector<Entry> entries;
    HardState hard_state;
    std::vector<Message> send_after;
    std::size_t bytes = 0;
  };
  std::deque<Write> writes;
  bool writing = false;
  std::optional<base::Duration> write_begun;  // of the write that the log lane works on
  base::Duration slow_until{0};               // by uptime; 0: the disk is fast
  base::Duration next_hand_over{0};           // by uptime: not tried again earlier
  int hand_overs = 0;                         // since the leader changed
  HardState hard_state, hard_state_written;
  std::optional<LogPoint> compact_to;
  io::Event writes_wake;

  // Snapshots: ours, and the one that is coming in.
  LogPoint newest_snapshot, previous_snapshot;
  std::uint64_t bytes_since_snapshot = 0;
  io::Event snapshot_wake;
  bool snapshots_busy = false;
  io::Event snapshots_free;
  struct Piece {
    ServerId from = 0;
    Index index = 0;
    std::uint64_t offset = 0, total = 0;
    std::string bytes;
  };
  std::deque<Piece> pieces;
  io::Event pieces_wake;
  std::optional<SnapshotFile> incoming;    // whole and checked
  std::optional<SnapshotFile> installing;  // the engine took it; the log starts over behind it
  struct Sending {
    Index index = 0;
    std::uint64_t bytes = 0;  // that arrived
  };
  std::map<ServerId, Sending> sending;
  io::Event acknowledged_wake;

 private:
  bool has_room() const;
  void feed();
  void take_in(std::string_view bytes);
  void obey(Output output);
  /// False: this server cannot go on.
  bool apply(const Entry& entry);
  void send(const Message& message);
  void notice_leadership();
  void expire();

  Term seen_term_ = 0;
  ServerId seen_leader_ = 0;
  Role seen_role_ = Role::follower;
};

/// Takes a waiter off its list, however the wait ended.
template <class Waiter>
class Waiting {
 public:
  Waiting(std::list<std::shared_ptr<Waiter>>& list, std::shared_ptr<Waiter> waiter)
      : list_(list), place_(list.insert(list.end(), std::move(waiter))) {}
  ~Waiting() { list_.erase(place_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  std::list<std::shared_ptr<Waiter>>& list_;
  typename std::list<std::shared_ptr<Waiter>>::iterator place_;
};

/// What one server sends another: a byte that says what follows.
enum class Wire : std::uint8_t { message = 0, piece = 1, piece_received = 2 };

}  // namespace caravan::consensus
