// SPDX-License-Identifier: Apache-2.0
// Taking snapshots, and bringing one to a server that is too far behind for the log. The message of
// the engine is only a descriptor: the file goes ahead of it in pieces, each acknowledged, and the
// message is stepped where the file is whole.
#include "consensus/bytes.hpp"
#include "consensus/replica_core.hpp"

namespace caravan::consensus {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t piece_bytes = 256 << 10;
constexpr base::Duration piece_patience = 1s;  // then it is sent again,
constexpr int piece_attempts = 5;              // so often
constexpr std::size_t pieces_waiting_max = 16;
constexpr base::Duration snapshot_retry = 30s;  // after a disk error
constexpr std::uint8_t request_vote = 5, timeout_now = 14,
                       request_pre_vote = 17;  // raft-rs's message types

io::Task<base::Status> write_snapshot(std::shared_ptr<SnapshotDir> snapshots, SnapshotFile file,
                                      std::function<std::string()> serialise) {
  file.state = serialise();
  co_return co_await snapshots->write(std::move(file));
}

io::Task<base::Result<std::string>> read_snapshot(std::shared_ptr<SnapshotDir> snapshots,
                                                  Index index) {
  co_return snapshots->read(index);
}

io::Task<base::Result<std::optional<SnapshotFile>>> keep_piece(
    std::shared_ptr<SnapshotDir> snapshots, ReplicaCore::Piece piece) {
  const bool last = piece.offset + piece.bytes.size() == piece.total;
  std::string bytes = std::move(piece.bytes);
  co_return co_await snapshots->write_piece(piece.index, piece.offset, std::move(bytes), last);
}

}  // namespace

bool ReplicaCore::snapshot_due() const {
  return (members_unknown && newest_snapshot.index < conf_since) ||
         applied.index - newest_snapshot.index >= config.snapshot_entries ||
         bytes_since_snapshot >= config.snapshot_bytes;
}

io::Task<void> ReplicaCore::take_snapshots(Self self) {
  for (;;) {
    while (!self->snapshot_due() || self->snapshots_busy) {
      if (self->snapshots_busy)
        co_await self->snapshots_free.wait();
      else
        co_await self->snapshot_wake.wait();
    }
    SnapshotFile file;
    file.meta = {self->applied.index, self->applied.term, self->conf, {}};
    file.state_hash = self->machine.hash();
    const SnapshotMeta meta = file.meta;
    const auto serialise = self->machine.capture();
    self->bytes_since_snapshot = 0;
    self->members_unknown = false;
    self->snapshots_busy = true;
    const base::Status written =
        co_await io::on(self->pool, write_snapshot(self->snapshots, std::move(file), serialise));
    self->check();
    self->snapshots_busy = false;
    self->snapshots_free.notify();
    if (!written) {
      self->logger.error("no snapshot was written", {{"error", written.error().message}});
      co_await self->world.clock.sleep(snapshot_retry);
      continue;
    }
    ++self->statistics.snapshots;
    // The leader's may have come in between.
    if (self->failed || self->newest_snapshot.index >= meta.index) continue;
    // The log keeps what follows the snapshot before this one, so that losing one file loses
    // nothing and followers that are a little behind need none.
    self->previous_snapshot = self->newest_snapshot;
    self->newest_snapshot = {meta.index, meta.term};
    self->engine->compact(meta, self->previous_snapshot.index);
    self->compact_to = self->previous_snapshot;
    self->writes_wake.notify();
    self->pump();
  }
}

io::Task<void> ReplicaCore::send_snapshot(Self self, Message message) {
  const ServerId to = message.to;
  bool arrived = false;
  if (message.snapshot_index < self->conf_since) {
    // A server refuses a snapshot that does not know it, as one that was added since: it gets the
    // next one, which is taken now.
    self->members_unknown = true;
    self->snapshot_wake.notify();
  } else if (!self->sending.contains(to)) {
    self->sending[to] = {message.snapshot_index, 0};
    auto bytes =
        co_await io::on(self->pool, read_snapshot(self->snapshots, message.snapshot_index));
    self->check();
    if (bytes) arrived = co_await send_pieces(self, to, message.snapshot_index, std::move(*bytes));
    self->sending.erase(to);
  }
  if (self->failed) co_return;
  std::string frame(1, static_cast<char>(Wire::message));
  frame += message.body;
  if (arrived) self->peers.send(to, Traffic::raft, std::move(frame));
  self->engine->report_snapshot(to, arrived);
  self->pump();
}

io::Task<bool> ReplicaCore::send_pieces(Self self, ServerId to, Index index, std::string bytes) {
  const Term term = self->engine->status().term;
  int attempts = 0;
  const Sending& sending = self->sending[to];  // nobody else erases it
  while (sending.bytes < bytes.size()) {
    if (!self->engine->status().is_leader() || self->engine->status().term != term) co_return false;
    if (++attempts > piece_attempts) co_return false;
    const std::uint64_t offset = sending.bytes;
    std::string frame(1, static_cast<char>(Wire::piece));
    put(frame, self->config.id);
    put(frame, index);
    put(frame, offset);
    put(frame, static_cast<std::uint64_t>(bytes.size()));
    put_bytes(frame, std::string_view(bytes).substr(offset, piece_bytes));
    self->peers.send(to, Traffic::snapshot, std::move(frame));
    const base::Duration until = self->now() + piece_patience;
    while (sending.bytes == offset && self->now() < until)
      co_await self->acknowledged_wake.wait();  // also at each tick
    if (sending.bytes != offset) attempts = 0;
  }
  co_return true;
}

void ReplicaCore::receive(const std::vector<std::string>& messages) {
  if (stopped || failed || !engine) return;
  engine->more_follows(!queues.empty());
  for (const std::string& bytes : messages)
    if (!failed && !bytes.empty()) take_in(bytes);
  engine->more_follows(false);
  pump();
}

void ReplicaCore::take_in(std::string_view bytes) {
  const auto wire = static_cast<Wire>(bytes[0]);
  ByteReader reader(bytes.substr(1));
  if (wire == Wire::message) {
    const auto message = Engine::inspect(bytes.substr(1));
    if (!message || message->to != config.id || message->from == config.id) return;
    if (message->from == engine->status().leader) leader_heard = now();
    // The lease of a leader rests on servers that heard of it not voting; one that has just started
    // does not remember whom it heard of.
    if (message->kind == timeout_now && has_slow_disk()) return;  // its sender asks another one
    const bool votes = message->kind == request_vote || message->kind == request_pre_vote;
    if (votes && now() - started < config.tick * config.engine.election_ticks) return;
    // One that we are past is answered by the engine with where we are.
    const bool needed = message->is_snapshot() && message->snapshot_index > applied.index;
    if (needed && (!incoming || incoming->meta.index != message->snapshot_index)) return;
    (void)engine->step(bytes.substr(1));  // from nobody we know: no matter
    return;
  }
  Piece piece;
  piece.from = reader.get<ServerId>();
  piece.index = reader.get<Index>();
  piece.offset = reader.get<std::uint64_t>();
  if (wire == Wire::piece_received && reader.ok()) {
    const auto found = sending.find(piece.from);
    if (found != sending.end() && found->second.index == piece.index)
      found->second.bytes = std::max(found->second.bytes, piece.offset);
    return acknowledged_wake.notify();
  }
  piece.total = reader.get<std::uint64_t>();
  piece.bytes = std::string(reader.bytes());
  if (wire != Wire::piece || !reader.ok() || pieces.size() >= pieces_waiting_max) return;
  pieces.push_back(std::move(piece));
  pieces_wake.notify();
}

io::Task<void> ReplicaCore::receive_pieces(Self self) {
  ServerId from = 0;
  Index index = 0;
  std::uint64_t next = 0;
  for (;;) {
    while (self->pieces.empty())
      co_await self->pieces_wake.wait();
    const Piece piece = std::move(self->pieces.front());
    self->pieces.pop_front();
    if (self->installing) continue;
    if (piece.index <= self->applied.index) {
      // The leader thinks that we need it: take all of it as read, so that it sends the message.
      self->acknowledge(piece.from, piece.index, piece.total);
      continue;
    }
    if (piece.from != from || piece.index != index) {
      if (piece.offset != 0) continue;
      from = piece.from;
      index = piece.index;
      next = 0;
    }
    if (piece.offset == next && piece.offset + piece.bytes.size() <= piece.total) {
      self->incoming.reset();
      auto kept = co_await io::on(self->pool, keep_piece(self->snapshots, piece));
      self->check();
      if (!kept) {
        self->logger.warn("a snapshot did not arrive", {{"error", kept.error().message}});
        from = 0;
        continue;
      }
      next += piece.bytes.size();
      self->incoming = std::move(*kept);
    }
    self->acknowledge(from, index, next);
  }
}

void ReplicaCore::acknowledge(ServerId to, Index index, std::uint64_t bytes) {
  std::string frame(1, static_cast<char>(Wire::piece_received));
  put(frame, config.id);
  put(frame, index);
  put(frame, bytes);
  peers.send(to, Traffic::snapshot, std::move(frame));
}

}  // namespace caravan::consensus
