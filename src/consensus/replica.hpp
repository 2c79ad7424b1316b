// SPDX-License-Identifier: Apache-2.0
// One server's share of the replicated log: it recovers from disk, takes part in Raft, applies what
// is committed to a state machine, and takes snapshots. Everything here is called on the main lane;
// the log is written on Lane::log, snapshots on Lane::pool.
//
// The promise to whoever proposes: when propose() returns an index, the command is durable on a
// quorum and applied here, once, at that index.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "consensus/engine.hpp"
#include "consensus/log_store.hpp"
#include "consensus/proposals.hpp"
#include "io/log.hpp"
#include "io/task_fwd.hpp"

namespace caravan::io {
struct World;
}

namespace caravan::consensus {

/// What the log is about. Deterministic: equal commands at equal indexes give equal states.
class StateMachine {
 public:
  virtual ~StateMachine() = default;
  /// Errors: whatever keeps this server from knowing what the others know from here on; nothing is
  /// applied after it, and the server refuses to run.
  virtual base::Status apply(Index index, std::string_view command) = 0;
  /// Takes an immutable snapshot now; the callable serialises it later, on the pool.
  virtual std::function<std::string()> capture() = 0;
  /// Replaces everything. Errors: invalid (the server refuses to run).
  virtual base::Status restore(std::string_view bytes) = 0;
  /// Equal states have equal hashes.
  virtual std::uint64_t hash() const = 0;
};

/// Raft's messages are small and urgent; a snapshot's pieces are neither, and never share their
/// connection (design, decision 5).
enum class Traffic { raft, snapshot };

/// The way to the other servers. May lose, delay, repeat and reorder; must not alter.
class Peers {
 public:
  virtual ~Peers() = default;
  /// Never blocks; what does not fit is dropped.
  virtual void send(ServerId to, Traffic traffic, std::string bytes) = 0;
};

struct ReplicaConfig {
  ServerId id = 0;
  std::string data_dir;          // absolute; "log" and "snapshots" are made in it
  std::vector<ServerId> voters;  // of a new cluster; later the log knows
  base::Duration tick{50'000'000};
  EngineLimits engine;
  LogLimits log;
  ProposalLimits proposals;
  std::uint64_t snapshot_entries = 16384;    // a snapshot after this many entries,
  std::uint64_t snapshot_bytes = 64 << 20;   // or bytes of commands
  std::uint64_t sync_bytes_max = 4 << 20;    // of outputs that share a sync
  base::Duration disk_retry{1'000'000'000};  // of a full disk
  base::Duration slow_write{1'000'000'000};  // a leader whose write takes longer hands over,
  base::Duration slow_for{30'000'000'000};   // and is not asked to lead for so long after it
};

class Replica {
 public:
  /// References outlive it.
  Replica(io::World& world, ReplicaConfig config, StateMachine& machine, Peers& peers,
          io::Logger logger);
  ~Replica();

  /// Recovers what is on disk, then takes part. Errors: invalid (damaged data, with path and
  /// offset: this server must not vote), io.
  io::Task<base::Status> start();
  /// Before start(): who votes in a new cluster, if the configuration could not say.
  void found_with(std::vector<ServerId> voters);
  /// Ends all tasks; whoever waits gets "unavailable". Nothing may be called afterwards.
  io::Task<void> stop();
  /// Returns when this server can no longer take part (its disk failed). The process has to end.
  io::Task<base::Error> failure();

  /// Errors: unavailable ("No cluster leader", the leader changed, or the disk is full: nothing was
  /// written and nothing will be), busy (too much is waiting), too_large, timeout (the outcome is
  /// not known).
  io::Task<base::Result<Index>> propose(std::string command, Priority priority,
                                        base::Duration timeout);
  /// Returns when a read of the state here sees all that was acknowledged before the call: at once
  /// under a lease, else after asking a quorum. Errors: unavailable (not the leader), timeout.
  io::Task<base::Status> read_barrier(base::Duration timeout);
  /// As read_barrier, but always asks a quorum.
  io::Task<base::Status> read_quorum(base::Duration timeout);

  /// Messages and pieces of snapshots that Peers of another server were given, in their order.
  void receive(const std::vector<std::string>& messages);
  void report_unreachable(ServerId peer);

  bool is_leader() const;
  ServerId leader() const;  // 0 when none is known
  Term term() const;
  Index applied() const;
  Index commit_index() const;
  Index snapshot_index() const;
  /// Whether a read here is linearizable at this moment without asking anybody.
  bool has_lease() const;
  /// The same, asked from any lane: by uptime, until when. 0: no lease.
  base::Duration lease_until() const;
  /// A write to the log takes, or took not long ago, longer than `slow_write`: this server leads
  /// only if nobody else does.
  bool has_slow_disk() const;
  /// Since this server heard of its leader; 0 for the leader itself.
  base::Duration last_contact() const;
  const ConfState& members() const;
  /// Waits for the next change of leader or term; look at them first.
  io::Task<void> leadership_change();

  base::Status transfer_leadership(ServerId to);
  base::Status change_members(const std::vector<Engine::Change>& changes);

  /// Of the disk, since start: how many syncs the log needed, and for how many batches.
  struct Statistics {
    std::uint64_t syncs = 0, batches = 0, proposals = 0, snapshots = 0;
  };
  Statistics statistics() const;

 private:
  std::shared_ptr<class ReplicaCore> core_;
};

}  // namespace caravan::consensus
