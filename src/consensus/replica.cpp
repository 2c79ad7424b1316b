// SPDX-License-Identifier: Apache-2.0
#include "consensus/replica.hpp"

#include "base/assert.hpp"
#include "consensus/replica_core.hpp"

namespace caravan::consensus {

namespace {
// Of a proposal besides its command, so that empty ones are counted too.
constexpr std::size_t proposal_overhead_bytes = 64;
}  // namespace

io::Task<base::Result<Index>> ReplicaCore::propose(Self self, std::string command,
                                                   Priority priority, base::Duration timeout) {
  if (self->stopped || self->failed || !self->engine || !self->engine->status().is_leader())
    co_return base::fail(base::Code::unavailable, "No cluster leader");
  if (self->disk_full) co_return base::fail(base::Code::unavailable, "raft log disk full");
  const auto proposal = std::make_shared<PendingProposal>(self->main);
  proposal->bytes = command.size() + proposal_overhead_bytes;
  proposal->deadline = self->now() + timeout;
  CO_TRY_VOID(self->queues.push(priority, {std::move(command), proposal}));
  const Waiting waiting(self->proposals, proposal);
  self->pump();
  while (!proposal->result)
    co_await proposal->done.wait();
  co_return *proposal->result;
}

Replica::Replica(io::World& world, ReplicaConfig config, StateMachine& machine, Peers& peers,
                 io::Logger logger)
    : core_(std::make_shared<ReplicaCore>(world, std::move(config), machine, peers,
                                          std::move(logger))) {}

Replica::~Replica() { core_->stop(); }

void Replica::found_with(std::vector<ServerId> voters) {
  ASSERT(!core_->engine);
  core_->config.voters = std::move(voters);
}

io::Task<base::Status> Replica::start() { return ReplicaCore::start(core_); }

io::Task<void> Replica::stop() {
  const auto core = core_;
  core->stop();
  co_await core->tasks.drain();
}

io::Task<base::Error> Replica::failure() {
  const auto core = core_;
  while (!core->failed)
    co_await core->failure.wait();
  co_return *core->failed;
}

io::Task<base::Result<Index>> Replica::propose(std::string command, Priority priority,
                                               base::Duration timeout) {
  return ReplicaCore::propose(core_, std::move(command), priority, timeout);
}

io::Task<base::Status> Replica::read_barrier(base::Duration timeout) {
  if (core_->has_lease()) co_return base::Status();
  co_return co_await ReplicaCore::read_quorum(core_, timeout);
}

io::Task<base::Status> Replica::read_quorum(base::Duration timeout) {
  return ReplicaCore::read_quorum(core_, timeout);
}

void Replica::receive(const std::vector<std::string>& messages) { core_->receive(messages); }

void Replica::report_unreachable(ServerId peer) {
  if (core_->stopped || core_->failed || !core_->engine) return;
  core_->engine->report_unreachable(peer);
  core_->pump();
}

bool Replica::is_leader() const {
  return core_->engine && !core_->failed && core_->engine->status().is_leader();
}
ServerId Replica::leader() const { return core_->engine ? core_->engine->status().leader : 0; }
Term Replica::term() const { return core_->engine ? core_->engine->status().term : 0; }
Index Replica::applied() const { return core_->applied.index; }
Index Replica::commit_index() const { return core_->engine ? core_->engine->status().commit : 0; }
Index Replica::snapshot_index() const { return core_->newest_snapshot.index; }
bool Replica::has_slow_disk() const { return core_->has_slow_disk(); }
bool Replica::has_lease() const { return core_->has_lease(); }
base::Duration Replica::lease_until() const { return base::Duration(core_->lease_until.load()); }
base::Duration Replica::last_contact() const {
  return is_leader() ? base::Duration(0) : core_->now() - core_->leader_heard;
}
const ConfState& Replica::members() const { return core_->conf; }
Replica::Statistics Replica::statistics() const { return core_->statistics; }

io::Task<void> Replica::leadership_change() {
  const auto core = core_;
  co_await core->leadership.wait();
}

base::Status Replica::transfer_leadership(ServerId to) {
  if (!is_leader()) return base::fail(base::Code::unavailable, "No cluster leader");
  core_->lease_until = 0;
  core_->no_lease_term = term();
  core_->engine->transfer_leader(to);
  core_->pump();
  return {};
}

base::Status Replica::change_members(const std::vector<Engine::Change>& changes) {
  if (!is_leader()) return base::fail(base::Code::unavailable, "No cluster leader");
  const base::Status taken = core_->engine->propose_change(changes);
  core_->pump();
  return taken;
}

}  // namespace caravan::consensus
