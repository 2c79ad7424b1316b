// SPDX-License-Identifier: Apache-2.0
// The log on disk: checksummed, preallocated segments, one sync a batch (docs/formats/log.md,
// docs/adr/0002-log-store.md). It keeps no entries in memory; the engine does.
//
// One batch at a time: write() and compact() are called again only after the one before returned,
// which recovery relies on. All calls on the log lane. After an error other than "no space" nothing
// is known about the disk: the store refuses everything, and the server has to start again.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "consensus/log_format.hpp"
#include "io/disk.hpp"
#include "io/task_fwd.hpp"

namespace caravan::consensus {

struct LogLimits {
  std::uint64_t segment_bytes = 8 << 20;
  std::uint64_t batch_bytes_max = 64 << 20;  // above it a batch is refused
};

class LogStore {
 public:
  /// Opens the log in `dir`, creating it when the folder is empty; what it says is in `contents`.
  /// Errors: invalid (damaged; path and offset are named; do not vote), io.
  static io::Task<base::Result<std::shared_ptr<LogStore>>> open(io::Disk& disk, std::string dir,
                                                                LogLimits limits,
                                                                LogContents& contents);
  LogStore(io::Disk& disk, std::string dir, LogLimits limits);
  ~LogStore();

  /// Returns when all of the batch is durable. Errors: too_large; unavailable when the disk is full
  /// (nothing was written: try again); io when the store is broken.
  io::Task<base::Status> write(LogBatch batch);
  /// Forgets entries up to `point`, durably, and frees the segments that held only such.
  io::Task<base::Status> compact(LogPoint point);

  std::uint64_t syncs() const { return syncs_; }
  std::size_t segments() const { return segments_.size(); }
  /// What recovery dropped, for the log: "" or path and offset.
  const std::string& dropped() const { return dropped_; }

 private:
  struct Segment {
    std::string path;
    Index index_max = 0;
  };
  base::Result<std::vector<std::string>> segment_paths();
  io::Task<base::Status> recover(LogContents& contents);
  io::Task<base::Status> reopen_last(std::uint64_t end, bool torn);
  io::Task<base::Status> roll(std::uint64_t bytes);
  io::Task<base::Status> drop_old_segments();
  void note(const LogBatch& batch);
  std::unexpected<base::Error> broken(base::Error error);

  io::Disk& disk_;
  const std::string dir_;
  const LogLimits limits_;
  std::deque<Segment> segments_;  // oldest first; the last one is open
  std::unique_ptr<io::File> file_;
  std::uint64_t end_ = 0;   // of the last segment's frames
  std::uint64_t size_ = 0;  // of the last segment's file
  std::uint64_t next_frame_ = 1;
  HardState hard_state_;  // repeated at the head of each segment, so that old ones can go
  LogPoint truncated_;
  std::uint64_t syncs_ = 0;
  std::string dropped_;
  bool broken_ = false;
};

}  // namespace caravan::consensus
