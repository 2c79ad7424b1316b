// SPDX-License-Identifier: Apache-2.0
// When a quorum is gone for good: the last resort that makes one server, by itself, a cluster with
// all that its disk knows. Nothing else may use the folder meanwhile.
#pragma once

#include "consensus/log_format.hpp"
#include "consensus/replica.hpp"
#include "io/disk.hpp"

namespace caravan::consensus {

/// What a server's disk knows.
struct LastKnown {
  LogPoint end;       // of its log: all of it was applied
  Index agreed = 0;   // up to here it knew that a quorum had everything
  ConfState members;  // of the newest snapshot; the log may have changed them since
  HardState hard_state;
};

/// Restores the newest whole snapshot in `data_dir` into `machine` and applies all that follows in
/// the log, agreed or not. Changes nothing on the disk. Errors: invalid (damaged; path and offset
/// are named), not_found (no server was ever here), io.
base::Result<LastKnown> read_last_known(io::Disk& disk, const std::string& data_dir,
                                        StateMachine& machine);

/// Makes the machine's state, at `known.end`, the beginning of a log that `id` alone votes for.
/// Whole or not at all after a crash: without the new snapshot the server is what it was.
io::Task<base::Status> begin_alone(io::Disk& disk, std::string data_dir, ServerId id,
                                   LastKnown known, StateMachine& machine);

}  // namespace caravan::consensus
