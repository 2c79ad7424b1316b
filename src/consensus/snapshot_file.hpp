// SPDX-License-Identifier: Apache-2.0
// Snapshots on disk: checksummed files (docs/formats/snapshot-file.md), of which the newest two are
// kept. The state's bytes belong to the state machine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "consensus/engine.hpp"
#include "io/disk.hpp"
#include "io/task_fwd.hpp"

namespace caravan::consensus {

struct SnapshotFile {
  SnapshotMeta meta;             // without a descriptor
  std::uint64_t state_hash = 0;  // of the state machine, to be compared after restoring
  std::string state;
};

std::string encode_snapshot(const SnapshotFile& file);
/// Errors: invalid, with `path` and the offset of the damage.
base::Result<SnapshotFile> decode_snapshot(const std::string& path, std::string_view bytes);

/// Where a server keeps them. Any lane; write() and adopt() one at a time.
class SnapshotDir {
 public:
  SnapshotDir(io::Disk& disk, std::string dir) : disk_(disk), dir_(std::move(dir)) {}

  std::string path(Index index) const;
  /// Where a snapshot from the leader is put together. It is not ours until adopt().
  std::string incoming_path(Index index) const;

  /// Returns when the file is durable under its name. Older ones but `keep` are removed.
  io::Task<base::Status> write(SnapshotFile file);
  /// The log starts over behind this one, durably: from now on it is the snapshot of this server.
  io::Task<base::Status> adopt(Index index);
  /// Indexes of complete files, newest first.
  base::Result<std::vector<Index>> list();
  base::Result<SnapshotFile> load(Index index);
  base::Result<std::string> read(Index index) { return disk_.read_file(path(index)); }
  /// A piece of a leader's snapshot. After the last one the whole is synced and checked.
  io::Task<base::Result<std::optional<SnapshotFile>>> write_piece(Index index, std::uint64_t offset,
                                                                  std::string bytes, bool last);
  bool has_incoming(Index index) { return disk_.exists(incoming_path(index)); }
  /// A damaged one no longer counts; it is kept under another name for whoever wants to look.
  base::Status set_aside(Index index) {
    return disk_.rename(path(index), path(index) + ".damaged");
  }
  /// Removes what was never finished.
  io::Task<base::Status> clean();
  io::Task<base::Status> make();

 private:
  io::Task<base::Status> remove_old();

  static constexpr std::size_t keep = 2;
  io::Disk& disk_;
  const std::string dir_;
};

}  // namespace caravan::consensus
