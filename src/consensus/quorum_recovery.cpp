// SPDX-License-Identifier: Apache-2.0
#include "consensus/quorum_recovery.hpp"

#include <fmt/core.h>

#include "consensus/log_recovery.hpp"
#include "consensus/log_store.hpp"
#include "consensus/snapshot_file.hpp"
#include "io/task.hpp"

namespace caravan::consensus {
namespace {

std::string log_dir(const std::string& data_dir) { return data_dir + "/log"; }
std::string snapshot_dir(const std::string& data_dir) { return data_dir + "/snapshots"; }

/// The newest one that is whole and that the log reaches.
base::Result<SnapshotFile> newest_whole(SnapshotDir& snapshots, const LogContents& log) {
  TRY(const std::vector<Index> found, snapshots.list());
  base::Result<SnapshotFile> newest =
      base::fail(base::Code::not_found, "no server's state is here: there is no snapshot");
  for (const Index index : found) {
    if (index < log.truncated.index) break;
    newest = snapshots.load(index);
    if (newest) return newest;
  }
  return newest;
}

}  // namespace

base::Result<LastKnown> read_last_known(io::Disk& disk, const std::string& data_dir,
                                        StateMachine& machine) {
  if (!disk.exists(log_dir(data_dir)))
    return base::fail(base::Code::not_found,
                      fmt::format("no server's state is here: there is no {}", log_dir(data_dir)));
  TRY(LogContents log, read_log(disk, log_dir(data_dir)));
  SnapshotDir snapshots(disk, snapshot_dir(data_dir));
  TRY(const SnapshotFile file, newest_whole(snapshots, log));
  LastKnown known;
  known.end = {file.meta.index, file.meta.term};
  known.members = file.meta.conf;
  known.hard_state = log.hard_state;
  known.agreed = std::max(log.hard_state.commit, file.meta.index);
  if (file.meta.index > 0) TRY_VOID(machine.restore(file.state));
  for (const Entry& entry : log.entries) {
    if (entry.index <= file.meta.index) continue;
    if (entry.kind == EntryKind::normal && !entry.data.empty())
      TRY_VOID(machine.apply(entry.index, entry.data));
    known.end = {entry.index, entry.term};
  }
  return known;
}

io::Task<base::Status> begin_alone(io::Disk& disk, std::string data_dir, ServerId id,
                                   LastKnown known, StateMachine& machine) {
  SnapshotFile file;
  file.meta = {known.end.index, known.end.term, {}, {}};
  file.meta.conf.voters = {id};
  file.state_hash = machine.hash();
  file.state = machine.capture()();
  SnapshotDir snapshots(disk, snapshot_dir(data_dir));
  CO_TRY_VOID(co_await snapshots.write(std::move(file)));
  // The old entries would be skipped anyway; without them nobody wonders.
  LogContents contents;
  CO_TRY(const std::shared_ptr<LogStore> log,
         co_await LogStore::open(disk, log_dir(data_dir), LogLimits(), contents));
  LogBatch beginning;
  beginning.reset = known.end;
  beginning.hard_state = known.hard_state;
  beginning.hard_state->term = std::max(known.hard_state.term, known.end.term);
  beginning.hard_state->commit = known.end.index;
  co_return co_await log->write(std::move(beginning));
}

}  // namespace caravan::consensus
