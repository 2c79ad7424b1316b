// SPDX-License-Identifier: Apache-2.0
// Linearizable reads. A round asks a quorum whether we still lead (ReadIndex); everybody who came
// before it was sent shares it. A round that was answered also gives a lease: for less than the
// shortest election timeout, counted from the *sending*, no other server can have been elected, so
// reads need not ask. The leader runs a round at each heartbeat to keep the lease alive.
//
// What the lease rests on: followers count at most one tick per tick of their clock, a follower
// that has just started does not vote (receive()), and a transfer, which makes followers vote
// early, ends the lease for the rest of the term.
#include "consensus/replica_core.hpp"

namespace caravan::consensus {

io::Task<base::Status> ReplicaCore::read_quorum(Self self, base::Duration timeout) {
  if (self->stopped || self->failed || !self->engine || !self->engine->status().is_leader())
    co_return base::fail(base::Code::unavailable, "No cluster leader");
  const auto read = std::make_shared<PendingRead>(self->main);
  read->deadline = self->now() + timeout;
  self->next_readers.push_back(read);
  const Waiting waiting(self->reads, read);
  self->start_read_round();
  self->pump();
  while (!read->result)
    co_await read->done.wait();
  co_return *read->result;
}

void ReplicaCore::start_read_round() {
  if (stopped || failed) return;
  const EngineStatus& status = engine->status();
  if (!status.is_leader() || !status.commit_in_term) return;
  if (round) {
    // An answer that is later than an election would be says nothing any more: ask again.
    if (now() - round->sent < config.tick * config.engine.election_ticks) return;
    next_readers.insert(next_readers.end(), round->readers.begin(), round->readers.end());
  }
  round = ReadRound{++rounds, now(), std::nullopt, std::exchange(next_readers, {})};
  const std::string context = std::to_string(round->number);
  engine->read_index(context);
}

void ReplicaCore::finish_read_round() {
  if (!round || !round->index || applied.index < *round->index) return;
  const ReadRound done = *std::exchange(round, std::nullopt);
  const EngineStatus& status = engine->status();
  if (status.is_leader() && status.transferee == 0 && no_lease_term != status.term) {
    const base::Duration election = config.tick * config.engine.election_ticks;
    lease_until = (done.sent + election * 8 / 10).count();
    lease_term = status.term;
  }
  for (const auto& read : done.readers)
    read->finish({});
  if (!next_readers.empty()) start_read_round();
}

bool ReplicaCore::has_lease() const {
  if (stopped || failed || !engine) return false;
  const EngineStatus& status = engine->status();
  return status.is_leader() && status.transferee == 0 && status.term == lease_term &&
         now().count() < lease_until;
}

}  // namespace caravan::consensus
