// SPDX-License-Identifier: Apache-2.0
// Raft as a value transformer: inputs go in, an Output comes out, and the order of its fields is
// the safety argument. The engine is raft-rs behind a C ABI (docs/adr/0001-raft-rs.md); this file
// knows no clock, disk, network or randomness. One thread at a time.
//
// Every broken invariant of the engine ends the process with its name: going on would spread it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

struct CaravanNode;  // of the C ABI

namespace caravan::consensus {

using ServerId = std::uint64_t;  // never 0
using Index = std::uint64_t;     // position in the log; the first is 1
using Term = std::uint64_t;

enum class EntryKind : std::uint8_t { normal = 0, change = 1, change_v2 = 2 };

struct Entry {
  Index index = 0;
  Term term = 0;
  EntryKind kind = EntryKind::normal;
  std::string data;  // empty for the entry with which a leader opens its term
  friend bool operator==(const Entry&, const Entry&) = default;
};

/// What must survive a crash besides the entries. `commit` may be stale.
struct HardState {
  Term term = 0;
  ServerId vote = 0;
  Index commit = 0;
  friend bool operator==(const HardState&, const HardState&) = default;
};

/// Who is in the cluster. The last two lists are filled while a joint change is under way.
struct ConfState {
  std::vector<ServerId> voters, learners, voters_outgoing, learners_next;
  bool auto_leave = false;
  bool has_voter(ServerId id) const { return std::ranges::find(voters, id) != voters.end(); }
  bool has_learner(ServerId id) const { return std::ranges::find(learners, id) != learners.end(); }
  friend bool operator==(const ConfState&, const ConfState&) = default;
};

/// Where a snapshot ends. The state itself is a file; `descriptor` tells the receiver which.
struct SnapshotMeta {
  Index index = 0;
  Term term = 0;
  ConfState conf;
  std::string descriptor;
  friend bool operator==(const SnapshotMeta&, const SnapshotMeta&) = default;
};

struct Message {
  ServerId to = 0, from = 0;
  Term term = 0;
  std::uint8_t kind = 0;     // raft-rs's MessageType; 7 is a snapshot
  Index snapshot_index = 0;  // of a snapshot message, else 0
  std::string descriptor;    // of a snapshot message
  std::string body;          // what step() of the receiver takes
  bool is_snapshot() const { return snapshot_index != 0; }
};

struct ReadState {
  Index index = 0;  // reading is linearizable once this much is applied
  std::string context;
};

enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader };

/// 0. `send_now` may leave at once: only a leader has such messages (Raft thesis 10.2.1).
/// 1. `snapshot`, `persist` and `hard_state` go to disk, in the order of `number`; then
/// 2. `send_after` is sent, and the engine told by persisted(number).
/// 3. `apply` is committed and on disk here: it may run at any time, in order; then applied(index).
///    A `snapshot` is applied after it was persisted; until then the engine stands still: ticks
///    and messages are dropped, as a slow network would.
struct Output {
  std::uint64_t number = 0;
  std::vector<Message> send_now;
  std::optional<SnapshotMeta> snapshot;  // replaces the log and the state
  std::vector<Entry> persist;            // replaces everything from its first index on
  std::optional<HardState> hard_state;
  bool must_sync = false;  // false: only `commit` moved
  std::vector<Message> send_after;
  std::vector<Entry> apply;
  std::vector<ReadState> reads;
};

/// A tick is 50 ms everywhere in a cluster; an election starts after 10 to 20 of them in silence.
struct EngineLimits {
  std::size_t election_ticks = 10;  // the draw is in [election_ticks, 2 * election_ticks)
  std::size_t heartbeat_ticks = 2;
  std::uint64_t message_bytes_max = 1 << 20;
  std::size_t inflight_max = 64;                   // append messages on the way to one peer
  std::uint64_t uncommitted_bytes_max = 64 << 20;  // above it proposals are refused
  std::uint64_t apply_bytes_max = 4 << 20;         // in one Output
};

/// What was on disk. `entries` are contiguous and start right after `truncated_index`.
struct EngineStart {
  ServerId id = 0;
  std::uint64_t seed = 0;  // of the election timeouts
  HardState hard_state;
  SnapshotMeta snapshot;  // also applied so far; index 0 with `conf` set bootstraps
  Index truncated_index = 0;
  Term truncated_term = 0;
  std::vector<Entry> entries;
  EngineLimits limits;
};

struct EngineStatus {
  Term term = 0;
  ServerId vote = 0, leader = 0, transferee = 0;
  Index commit = 0, applied = 0, first_index = 0, last_index = 0;
  Role role = Role::follower;
  bool commit_in_term = false;  // a leader can serve reads only after its first commit
  bool has_output = false;
  bool is_leader() const { return role == Role::leader; }
};

class Engine {
 public:
  /// Errors: invalid, when what was on disk contradicts itself.
  static base::Result<Engine> open(const EngineStart& start);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  void tick();
  /// Errors: invalid (not a message, or from nobody we know). Harmless to ignore.
  base::Status step(std::string_view body);
  /// Errors: unavailable (not the leader, a transfer runs, or too much is uncommitted).
  base::Status propose(std::string_view data);
  enum class ChangeKind : std::uint8_t { add_voter = 0, remove = 1, add_learner = 2 };
  struct Change {
    ChangeKind kind;
    ServerId node;
  };
  /// Errors: unavailable (as above, or another change is not applied yet).
  base::Status propose_change(const std::vector<Change>& changes);
  /// A committed entry that is not `normal` takes effect here, when it is applied.
  base::Result<ConfState> apply_change(const Entry& entry);
  void campaign();
  /// Of those who miss a leader this one offers itself last.
  void hold_back(bool on) { holds_back_ = on; }
  /// Asks the quorum whether we still lead; the answer is a ReadState with the same context.
  void read_index(std::string_view context);
  /// Entries are proposed as soon as something commits: they tell the others of it, instead of a
  /// message of its own.
  void more_follows(bool on);
  void transfer_leader(ServerId to);
  void report_unreachable(ServerId peer);
  void report_snapshot(ServerId to, bool arrived);

  const EngineStatus& status() const { return status_; }
  /// The next thing to do, if any. Several may be under way; their numbers increase.
  std::optional<Output> take_output();
  void persisted(std::uint64_t number);
  void applied(Index index);
  /// `snapshot` is on disk and may be sent; entries up to `compact` are no longer needed.
  void compact(const SnapshotMeta& snapshot, Index compact);

  /// Reads the outside of a message that arrived. Errors: invalid.
  static base::Result<Message> inspect(std::string_view body);

 private:
  struct Closer {
    void operator()(CaravanNode* node) const;
  };
  Engine(CaravanNode* node, const EngineStart& start);
  /// Ends the process when the engine is broken; keeps the election timeout ours.
  int settle(int code, bool ticked = false);
  std::uint64_t draw();

  std::unique_ptr<CaravanNode, Closer> node_;
  EngineStatus status_;
  std::uint64_t generator_;
  std::size_t election_ticks_base_;
  std::size_t election_ticks_;
  bool holds_back_ = false;
  // Of a snapshot that was handed out and is not applied yet. raft-rs would look for entries that
  // the snapshot replaced if it started an election now.
  Index installing_ = 0;
};

}  // namespace caravan::consensus
