// SPDX-License-Identifier: Apache-2.0
// The file beside the agent's kept services that every change of them is appended to. Changes that
// come together share one sync. Main lane.
#pragma once

#include <memory>

#include "io/disk.hpp"
#include "io/task.hpp"
#include "registry/kept.hpp"

namespace caravan::registry {

/// Past so many bytes, and so many times what is kept as a whole, it is written anew.
inline constexpr std::uint64_t journal_bytes_min = 1 << 20, journal_growth_max = 4;

class Journal {
 public:
  /// `path`: of the file with everything; its own is "<path>.log.<generation>".
  Journal(io::Disk& disk, std::string path, boost::asio::any_io_executor lane)
      : disk_(disk), path_(std::move(path)), freed_(std::move(lane)) {}

  /// All that was ever acknowledged. A change that was cut off at the end was not, and goes.
  /// Errors: invalid (damaged; the message names the file), io.
  base::Result<Kept> load();
  /// Returns once it is on the disk. Errors: io (it is not kept).
  io::Task<base::Status> append(KeptChange change);
  bool wants_rewrite() const;
  /// Replaces everything by what `now` gives; nothing is appended meanwhile. Errors: io (what was
  /// there stays).
  io::Task<base::Status> rewrite(std::function<Kept()> now);

 private:
  /// Changes that go to the disk together.
  struct Batch {
    KeptChanges changes;
    bool is_done = false;
    base::Status status;
  };
  /// While one lives nobody else writes; it is given back when its task is cancelled, too.
  class Turn;
  io::Task<Turn> take_turn();
  std::string log_path(std::uint64_t generation) const;
  base::Status open_log();
  io::Task<void> write(Batch& batch);

  io::Disk& disk_;
  const std::string path_;
  std::uint64_t generation_ = 0, whole_bytes_ = 0, end_ = 0;
  std::unique_ptr<io::File> log_;
  std::shared_ptr<Batch> next_;
  bool is_busy_ = false;
  io::Event freed_;
};

/// Changes as they stand in the file: length, checksum, bytes.
std::string framed(const KeptChanges& changes);
struct Frames {
  std::vector<KeptChange> changes;
  std::size_t end = 0;  // of the last whole one
};
/// All changes of such a file in their order. Errors: invalid (damage that is no write cut short:
/// whole ones follow it).
base::Result<Frames> read_frames(std::string_view bytes);
/// What `kept` is after `changes`.
Kept after(Kept kept, std::vector<KeptChange> changes);

}  // namespace caravan::registry
