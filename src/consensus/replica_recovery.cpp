// SPDX-License-Identifier: Apache-2.0
// From what is on disk to a server that takes part. Nothing is repaired by guessing: whatever
// contradicts itself is an error that names the file, and the server does not vote.
#include <fmt/core.h>

#include "consensus/replica_core.hpp"

namespace caravan::consensus {
namespace {

io::Task<base::Result<std::shared_ptr<LogStore>>> open_log(io::Disk& disk, std::string dir,
                                                           LogLimits limits,
                                                           std::shared_ptr<LogContents> contents) {
  co_return co_await LogStore::open(disk, std::move(dir), limits, *contents);
}

// A new cluster begins with a snapshot of the empty state at entry 1 that says who its voters are:
// later changes of the configuration file cannot change the past, and a server that joins with an
// empty log has to begin with a snapshot, from which it learns them. A joining server has a
// snapshot at 0 with no voters.
constexpr LogPoint founding{1, 1};

SnapshotFile first_snapshot(const ReplicaConfig& config, StateMachine& machine) {
  SnapshotFile file;
  file.meta.conf.voters = config.voters;
  file.state_hash = machine.hash();
  file.state = machine.capture()();
  if (!config.voters.empty()) {
    file.meta.index = founding.index;
    file.meta.term = founding.term;
  }
  return file;
}

io::Task<base::Status> write_beginning(std::shared_ptr<LogStore> log, LogBatch batch) {
  co_return co_await log->write(std::move(batch));
}

io::Task<base::Result<std::vector<Index>>> find_snapshots(std::shared_ptr<SnapshotDir> snapshots,
                                                          SnapshotFile first,
                                                          std::shared_ptr<LogContents> log) {
  CO_TRY_VOID(co_await snapshots->make());
  CO_TRY(std::vector<Index> found, snapshots->list());
  if (found.empty()) {
    if (log->hard_state.term != 0 || log->last_index() != 0)
      co_return base::invalid(snapshots->path(0) + ": there is a log, and no snapshot before it");
    found.push_back(first.meta.index);
    CO_TRY_VOID(co_await snapshots->write(std::move(first)));
    co_return found;
  }
  // The log was started over behind the leader's snapshot, which had not got its name yet.
  const Index begins = log->truncated.index;
  if (begins > found.front() && snapshots->has_incoming(begins)) {
    CO_TRY_VOID(co_await snapshots->adopt(begins));
    CO_TRY(found, snapshots->list());
  }
  CO_TRY_VOID(co_await snapshots->clean());
  co_return found;
}

/// The newest that is whole. The log reaches back to the one before it, so one may be lost.
io::Task<base::Result<SnapshotFile>> load_newest(std::shared_ptr<SnapshotDir> snapshots,
                                                 std::vector<Index> found, LogPoint begins,
                                                 io::Logger logger) {
  base::Result<SnapshotFile> newest = base::invalid("no snapshot");
  for (const Index index : found) {
    if (index < begins.index)
      co_return base::invalid(fmt::format(
          "{}: the log begins behind entry {}, and no snapshot reaches it{}",
          snapshots->path(index), begins.index,
          newest.error().message == "no snapshot" ? "" : "; " + newest.error().message));
    newest = snapshots->load(index);
    if (newest) break;
    logger.error("a damaged snapshot; trying the one before", {{"error", newest.error().message}});
  }
  for (const Index index : found)
    if (newest && index > newest->meta.index) CO_TRY_VOID(snapshots->set_aside(index));
  co_return newest;
}

base::Status restore(StateMachine& machine, const SnapshotDir& snapshots,
                     const SnapshotFile& file) {
  if (file.meta.index == 0) return {};
  TRY_VOID(machine.restore(file.state));
  if (machine.hash() == file.state_hash) return {};
  return base::invalid(fmt::format("{}: restoring gave a state with hash {:016x}, not {:016x}",
                                   snapshots.path(file.meta.index), machine.hash(),
                                   file.state_hash));
}

EngineStart engine_start(const ReplicaConfig& config, const SnapshotFile& file, LogContents& log,
                         io::Random& random) {
  EngineStart start;
  start.id = config.id;
  start.seed = random.below(~0ull);
  start.hard_state = log.hard_state;
  start.hard_state.commit = std::max(log.hard_state.commit, file.meta.index);
  start.snapshot = file.meta;
  start.truncated_index = log.truncated.index;
  start.truncated_term = log.truncated.term;
  start.entries = std::move(log.entries);
  start.limits = config.engine;
  return start;
}

}  // namespace

io::Task<base::Status> ReplicaCore::start(Self self) {
  const auto contents = std::make_shared<LogContents>();
  const ReplicaConfig& config = self->config;
  const std::string log_dir = config.data_dir + "/log";
  CO_TRY(self->log, co_await io::on(self->log_lane,
                                    open_log(self->world.disk, log_dir, config.log, contents)));
  self->check();
  if (!self->log->dropped().empty())
    self->logger.info("dropped an unfinished write", {{"at", self->log->dropped()}});
  self->snapshots = std::make_shared<SnapshotDir>(self->world.disk, config.data_dir + "/snapshots");
  SnapshotFile first = first_snapshot(config, self->machine);
  CO_TRY(const std::vector<Index> found,
         co_await io::on(self->pool, find_snapshots(self->snapshots, std::move(first), contents)));
  CO_TRY(const SnapshotFile file,
         co_await io::on(self->pool,
                         load_newest(self->snapshots, found, contents->truncated, self->logger)));
  self->check();
  if (file.meta.index == founding.index && contents->last_index() == 0) {
    LogBatch beginning;
    beginning.reset = founding;
    beginning.hard_state = HardState{founding.term, 0, founding.index};
    CO_TRY_VOID(co_await io::on(self->log_lane, write_beginning(self->log, beginning)));
    self->check();
    CO_TRY_VOID(contents->apply(beginning));
  }
  if (file.meta.index > contents->last_index())
    co_return base::invalid(fmt::format("{}: the log ends at entry {}, before the snapshot at {}",
                                        log_dir, contents->last_index(), file.meta.index));
  CO_TRY_VOID(restore(self->machine, *self->snapshots, file));
  self->applied = self->newest_snapshot = {file.meta.index, file.meta.term};
  self->previous_snapshot = contents->truncated;
  self->conf = file.meta.conf;
  self->hard_state = self->hard_state_written = contents->hard_state;
  const EngineStart start = engine_start(config, file, *contents, self->world.random);
  CO_TRY(Engine engine, Engine::open(start));
  self->engine.emplace(std::move(engine));
  self->started = self->now();
  if (self->conf.voters == std::vector<ServerId>{config.id}) self->engine->campaign();
  self->tasks.spawn(write_log(self));
  self->tasks.spawn(take_snapshots(self));
  self->tasks.spawn(receive_pieces(self));
  self->tasks.spawn(run_ticks(self));
  self->pump();
  co_return base::Status();
}

}  // namespace caravan::consensus
