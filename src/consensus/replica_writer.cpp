// SPDX-License-Identifier: Apache-2.0
// The way to the disk. While one batch syncs, the engine goes on and its outputs queue here; all of
// them share the next sync (group commit).
#include "consensus/replica_core.hpp"

namespace caravan::consensus {
namespace {
using namespace std::chrono_literals;

/// Between two tries to hand over: so long, then twice as long, and so on.
constexpr base::Duration hand_over_pause = 1s;
constexpr int hand_over_doublings = 5;

struct Written {
  base::Status status;
  std::uint64_t syncs = 0;
};

io::Task<Written> write_batch(std::shared_ptr<LogStore> log, LogBatch batch) {
  Written written;
  written.status = co_await log->write(std::move(batch));
  written.syncs = log->syncs();
  co_return written;
}

io::Task<base::Status> forget(std::shared_ptr<LogStore> log, LogPoint point) {
  co_return co_await log->compact(point);
}

io::Task<base::Status> adopt(std::shared_ptr<SnapshotDir> snapshots, Index index) {
  co_return co_await snapshots->adopt(index);
}

// Outputs that follow each other, as one: a later one replaces what it overlaps.
void merge(LogBatch& batch, const ReplicaCore::Write& write) {
  if (write.snapshot) {
    batch.reset = LogPoint{write.snapshot->index, write.snapshot->term};
    batch.entries.clear();
  }
  if (!write.entries.empty()) {
    const Index first = write.entries.front().index;
    while (!batch.entries.empty() && batch.entries.back().index >= first)
      batch.entries.pop_back();
    batch.entries.insert(batch.entries.end(), write.entries.begin(), write.entries.end());
  }
  batch.hard_state = write.hard_state;
}

}  // namespace

io::Task<void> ReplicaCore::write_log(Self self) {
  for (;;) {
    while (self->writes.empty() && !self->compact_to)
      co_await self->writes_wake.wait();
    const bool written = co_await write_some(self);
    if (!written) co_return;
    const bool forgotten = co_await forget_some(self);
    if (!forgotten) co_return;
  }
}

io::Task<bool> ReplicaCore::write_some(Self self) {
  if (self->writes.empty()) co_return true;
  LogBatch batch;
  std::size_t count = 0, bytes = 0;
  for (const Write& write : self->writes) {
    if (count > 0 && bytes + write.bytes > self->config.sync_bytes_max) break;
    merge(batch, write);
    bytes += write.bytes;
    ++count;
  }
  self->writing = true;
  const HardState hard_state = *batch.hard_state;
  if (hard_state == self->hard_state_written) batch.hard_state.reset();
  const bool empty = !batch.reset && batch.entries.empty() && !batch.hard_state;
  while (!empty) {
    self->write_begun = self->now();
    const Written written = co_await io::on(self->log_lane, write_batch(self->log, batch));
    self->check();
    self->write_begun.reset();
    self->statistics.syncs = written.syncs;
    self->disk_full = !written.status && written.status.error().code == base::Code::unavailable;
    if (written.status) break;
    if (!self->disk_full) {
      self->fail(written.status.error());
      co_return false;
    }
    self->logger.error("raft log disk full", {{"error", written.status.error().message}});
    if (self->engine->status().is_leader()) self->end_waits();
    self->hand_over("its log disk is full");
    co_await self->world.clock.sleep(self->config.disk_retry);
  }
  self->statistics.batches += !empty;
  self->hard_state_written = hard_state;
  // The state goes first: once the engine knows, it hands out the entries behind the snapshot.
  for (std::size_t i = 0; i < count; ++i) {
    if (!self->writes[i].snapshot) continue;
    const SnapshotMeta snapshot = *self->writes[i].snapshot;
    const bool installed = co_await install(self, snapshot);
    if (!installed) co_return false;
  }
  self->finish_writes(count);
  self->writing = false;
  self->pump();
  co_return true;
}

// A leader that cannot write, or hardly, keeps everybody waiting: let another one try.
void ReplicaCore::hand_over(std::string_view why) {
  const EngineStatus& status = engine->status();
  std::vector<ServerId> heirs = conf.voters;
  std::erase(heirs, config.id);
  if (!status.is_leader() || status.transferee != 0 || heirs.empty() || now() < next_hand_over)
    return;
  const ServerId heir = heirs[world.random.below(heirs.size())];
  // Nothing is taken while one is under way, and all disks may be slow: ever more rarely.
  next_hand_over = now() + hand_over_pause * (1 << std::min(hand_overs++, hand_over_doublings));
  logger.warn("this server hands over leadership",
              {{"because", std::string(why)}, {"to", std::to_string(heir)}});
  no_lease_term = status.term;
  engine->transfer_leader(heir);
  pump();
}

void ReplicaCore::look_at_disk() {
  const bool was_slow = has_slow_disk();
  if (write_begun && now() - *write_begun > config.slow_write) {
    slow_until = now() + config.slow_for;
    engine->hold_back(true);
    if (!was_slow)
      logger.warn("raft log disk slow",
                  {{"longer_than", base::format_duration(config.slow_write)}});
    hand_over("its log disk is slow");
  } else if (was_slow && slow_until <= now()) {
    slow_until = base::Duration(0);
    engine->hold_back(false);
    logger.info("raft log disk fast again");
  }
}

void ReplicaCore::finish_writes(std::size_t count) {
  std::uint64_t number = 0;
  bool installed = false;
  for (; count > 0; --count) {
    const Write write = std::move(writes.front());
    writes.pop_front();
    number = write.number;
    installed = installed || write.snapshot;
    for (const Message& message : write.send_after)
      send(message);
  }
  engine->persisted(number);
  if (installed) engine->applied(applied.index);
}

// The leader's snapshot replaces log and state. Its file is whole and durable under another name; a
// crash before adopt() is mended at the next start.
io::Task<bool> ReplicaCore::install(Self self, SnapshotMeta snapshot) {
  while (self->snapshots_busy)
    co_await self->snapshots_free.wait();
  self->snapshots_busy = true;
  const base::Status adopted = co_await io::on(self->pool, adopt(self->snapshots, snapshot.index));
  self->check();
  self->snapshots_busy = false;
  self->snapshots_free.notify();
  const SnapshotFile file = *std::exchange(self->installing, std::nullopt);
  base::Status restored = adopted;
  if (restored) restored = self->machine.restore(file.state);
  if (restored && self->machine.hash() != file.state_hash)
    restored = base::invalid(self->snapshots->path(snapshot.index) + ": another state came of it");
  if (!restored) {
    self->fail(restored.error());
    co_return false;
  }
  self->applied = self->newest_snapshot = self->previous_snapshot = {snapshot.index, snapshot.term};
  self->conf = snapshot.conf;
  self->bytes_since_snapshot = 0;
  self->end_flights(0, ~Term{0},
                    {base::Code::timeout, "the log went on elsewhere; the outcome is unknown"});
  self->logger.info("took the leader's snapshot", {{"index", std::to_string(snapshot.index)}});
  co_return true;
}

io::Task<bool> ReplicaCore::forget_some(Self self) {
  if (!self->compact_to) co_return true;
  const LogPoint point = *std::exchange(self->compact_to, std::nullopt);
  const base::Status forgotten = co_await io::on(self->log_lane, forget(self->log, point));
  self->check();
  // A full disk is no reason to end: the next snapshot tries again.
  if (forgotten || forgotten.error().code == base::Code::unavailable) co_return true;
  self->fail(forgotten.error());
  co_return false;
}

}  // namespace caravan::consensus
