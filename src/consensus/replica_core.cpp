// SPDX-License-Identifier: Apache-2.0
#include "consensus/replica_core.hpp"

#include <fmt/core.h>

#include "base/assert.hpp"

namespace caravan::consensus {
namespace {

base::Error nothing_written() {
  return {base::Code::unavailable, "the leader changed; nothing was written"};
}

}  // namespace

void PendingProposal::finish(base::Result<Index> value) {
  if (result) return;
  result = std::move(value);
  done.notify();
}

void PendingRead::finish(base::Status value) {
  if (result) return;
  result = std::move(value);
  done.notify();
}

ReplicaCore::ReplicaCore(io::World& world, ReplicaConfig new_config, StateMachine& machine,
                         Peers& peers, io::Logger new_logger)
    : world(world),
      config(std::move(new_config)),
      machine(machine),
      peers(peers),
      logger(std::move(new_logger)),
      main(world.executor.lane(io::Lane::main)),
      log_lane(world.executor.lane(io::Lane::log)),
      pool(world.executor.lane(io::Lane::pool)),
      tasks(main),
      failure(main),
      leadership(main),
      queues(config.proposals),
      writes_wake(main),
      snapshot_wake(main),
      snapshots_free(main),
      pieces_wake(main),
      acknowledged_wake(main) {
  ASSERT(config.id != 0);
}

void ReplicaCore::check() const {
  if (stopped) throw boost::system::system_error(boost::asio::error::operation_aborted);
}

void ReplicaCore::stop() {
  if (stopped) return;
  stopped = true;
  end_flights(0, ~Term{0}, {base::Code::timeout, "the server is stopping; the outcome is unknown"});
  end_waits();
  tasks.cancel();
}

void ReplicaCore::fail(base::Error error) {
  logger.error("this server cannot take part any more", {{"error", error.message}});
  failed = error;
  end_flights(0, ~Term{0}, {base::Code::timeout, "the server failed; the outcome is unknown"});
  end_waits();
  failure.notify();
}

/// Of proposals from `first` on, of terms before `term`.
void ReplicaCore::end_flights(Index first, Term term, const base::Error& error) {
  for (auto at = in_flight.lower_bound(first); at != in_flight.end();) {
    if (at->second->term >= term) {
      ++at;
      continue;
    }
    flight_bytes -= at->second->bytes;
    at->second->finish(std::unexpected(error));
    at = in_flight.erase(at);
  }
}

// Those that wait were never proposed. Those in flight may still be committed by others: what is
// applied in their place tells.
void ReplicaCore::end_waits() {
  while (auto queued = queues.pop())
    queued->proposal->finish(base::fail(base::Code::unavailable, "No cluster leader"));
  std::vector<std::shared_ptr<PendingRead>> readers = std::exchange(next_readers, {});
  if (round) readers.insert(readers.end(), round->readers.begin(), round->readers.end());
  round.reset();
  lease_until = 0;
  for (const auto& read : readers)
    read->finish(base::fail(base::Code::unavailable, "No cluster leader"));
}

void ReplicaCore::pump() {
  if (stopped || failed || !engine) return;
  do {
    feed();
    while (auto output = engine->take_output())
      obey(*std::move(output));
    notice_leadership();
  } while (engine->status().has_output || (!queues.empty() && has_room()));
}

// Whoever comes while batches are on their way waits for one of them, and goes with all the others
// that came: a message to each server costs more than what is in it.
bool ReplicaCore::has_room() const {
  const auto is_on_its_way = [&](const LogPoint& last) {
    return last.term == engine->status().term && last.index > applied.index;
  };
  return engine->status().is_leader() && flight_bytes < config.proposals.flight_bytes_max &&
         std::ranges::count_if(batches, is_on_its_way) < config.proposals.batches_max;
}

void ReplicaCore::feed() {
  if (queues.empty() || !has_room()) return;
  bool is_any = false;
  while (engine->status().is_leader() && flight_bytes < config.proposals.flight_bytes_max) {
    auto queued = queues.pop();
    if (!queued) break;
    const auto& proposal = queued->proposal;
    if (proposal->result) continue;  // it timed out while it waited
    if (const base::Status taken = engine->propose(queued->command); !taken) {
      proposal->finish(std::unexpected(taken.error()));
      continue;
    }
    proposal->term = engine->status().term;
    flight_bytes += proposal->bytes;
    end_flights(engine->status().last_index, proposal->term, nothing_written());
    in_flight[engine->status().last_index] = proposal;
    ++statistics.proposals;
    is_any = true;
  }
  if (!is_any) return;
  batches.push_back({engine->status().last_index, engine->status().term});
  if (std::ssize(batches) > config.proposals.batches_max) batches.pop_front();
}

void ReplicaCore::send(const Message& message) {
  if (message.is_snapshot()) return tasks.spawn(send_snapshot(shared_from_this(), message));
  std::string bytes(1, static_cast<char>(Wire::message));
  bytes += message.body;
  peers.send(message.to, Traffic::raft, std::move(bytes));
}

void ReplicaCore::obey(Output output) {
  if (failed) return;
  for (const Message& message : output.send_now)
    send(message);
  if (output.hard_state) hard_state = *output.hard_state;
  for (const Entry& entry : output.apply)
    if (!apply(entry)) return;
  if (!output.apply.empty()) engine->applied(applied.index);
  for (const ReadState& read : output.reads)
    if (round && read.context == std::to_string(round->number)) round->index = read.index;
  finish_read_round();
  Write write{output.number, std::move(output.snapshot), std::move(output.persist), hard_state,
              std::move(output.send_after)};
  if (write.snapshot) installing = std::exchange(incoming, std::nullopt);
  for (const Entry& entry : write.entries)
    write.bytes += entry.data.size();
  if (!output.must_sync && writes.empty() && !writing) {
    for (const Message& message : write.send_after)
      send(message);
    return engine->persisted(write.number);
  }
  writes.push_back(std::move(write));
  writes_wake.notify();
}

bool ReplicaCore::apply(const Entry& entry) {
  ASSERT(entry.index == applied.index + 1);
  ASSERT(entry.term >= applied.term);
  const bool is_command = entry.kind == EntryKind::normal && !entry.data.empty();
  if (is_command) {
    if (const base::Status done = machine.apply(entry.index, entry.data); !done) {
      fail(done.error());
      return false;
    }
  }
  applied = {entry.index, entry.term};
  if (entry.kind != EntryKind::normal) {
    const auto changed = engine->apply_change(entry);
    ASSERT(changed.has_value());  // it was proposed through the same code
    conf = *changed;
    conf_since = applied.index;
  }
  bytes_since_snapshot += entry.data.size();
  if (snapshot_due()) snapshot_wake.notify();
  if (in_flight.empty()) return true;
  if (const auto found = in_flight.find(entry.index);
      found != in_flight.end() && found->second->term == entry.term) {
    flight_bytes -= found->second->bytes;
    found->second->finish(entry.index);
    in_flight.erase(found);
  }
  // The log goes on in a later term: what was proposed in earlier ones for here, or behind, is not
  // in it.
  end_flights(entry.index, entry.term, nothing_written());
  return true;
}

void ReplicaCore::notice_leadership() {
  const EngineStatus& status = engine->status();
  if (status.term == seen_term_ && status.leader == seen_leader_ && status.role == seen_role_)
    return;
  const bool led = seen_role_ == Role::leader;
  const bool changed = status.term != seen_term_ || status.leader != seen_leader_;
  if (led && (!status.is_leader() || status.term != seen_term_)) end_waits();
  seen_term_ = status.term;
  seen_leader_ = status.leader;
  seen_role_ = status.role;
  if (!changed && led == status.is_leader()) return;
  hand_overs = 0;
  next_hand_over = base::Duration(0);
  logger.info("leadership changed",
              {{"term", std::to_string(status.term)}, {"leader", std::to_string(status.leader)}});
  leadership.notify();
}

void ReplicaCore::expire() {
  const base::Duration at = now();
  for (const auto& proposal : proposals)
    if (proposal->deadline <= at)
      proposal->finish(base::fail(base::Code::timeout, "not committed in time; it may still be"));
  for (const auto& read : reads)
    if (read->deadline <= at)
      read->finish(base::fail(base::Code::timeout, "a quorum of servers did not answer in time"));
}

// One tick each time, also after a pause: catching up would let time run faster here than the
// leader's lease assumes.
io::Task<void> ReplicaCore::run_ticks(Self self) {
  for (std::uint64_t count = 1;; ++count) {
    co_await self->world.clock.sleep(self->config.tick);
    if (self->failed) continue;
    self->look_at_disk();
    self->engine->tick();
    if (count % self->config.engine.heartbeat_ticks == 0) self->start_read_round();
    self->expire();
    self->acknowledged_wake.notify();
    self->pump();
  }
}

}  // namespace caravan::consensus
