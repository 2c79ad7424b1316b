// SPDX-License-Identifier: Apache-2.0
#include "consensus/log_store.hpp"

#include <fmt/core.h>

#include "base/assert.hpp"
#include "consensus/log_recovery.hpp"
#include "io/durable_dirs.hpp"
#include "io/task.hpp"

namespace caravan::consensus {

using namespace log_format;

namespace {
constexpr std::string_view log_suffix = ".log";
}  // namespace

LogStore::LogStore(io::Disk& disk, std::string dir, LogLimits limits)
    : disk_(disk), dir_(std::move(dir)), limits_(limits) {}

LogStore::~LogStore() = default;

io::Task<base::Result<std::shared_ptr<LogStore>>> LogStore::open(io::Disk& disk, std::string dir,
                                                                 LogLimits limits,
                                                                 LogContents& contents) {
  const auto store = std::make_shared<LogStore>(disk, std::move(dir), limits);
  CO_TRY_VOID(co_await io::make_durable_dirs(disk, store->dir_));
  CO_TRY_VOID(co_await store->recover(contents));
  co_return store;
}

base::Result<std::vector<std::string>> LogStore::segment_paths() {
  TRY(const std::vector<io::FileInfo> files, disk_.list(dir_));
  std::vector<std::string> paths;
  for (const io::FileInfo& file : files) {
    const std::string path = dir_ + "/" + file.name;
    // Names are frame numbers in 16 hex digits, so list()'s order is theirs. A segment that was
    // being made when the power went has another name and holds nothing yet.
    if (file.name.ends_with(log_suffix))
      paths.push_back(path);
    else
      TRY_VOID(disk_.remove(path));
  }
  return paths;
}

io::Task<base::Status> LogStore::recover(LogContents& contents) {
  CO_TRY(const std::vector<std::string> paths, segment_paths());
  SegmentScan scan;
  for (const std::string& path : paths) {
    CO_TRY(const std::string bytes, disk_.read_file(path));
    const auto visit = [&](LogBatch batch) { return contents.apply(std::move(batch)); };
    const bool first = segments_.empty(), last = &path == &paths.back();
    CO_TRY(scan, scan_segment(path, bytes, last, visit));
    if (!first && scan.first_frame != next_frame_)
      co_return base::invalid(fmt::format("{}: begins with frame {}, the one before ends with {}",
                                          path, scan.first_frame, next_frame_ - 1));
    next_frame_ = scan.next_frame;
    segments_.push_back({path, scan.index_max});
  }
  if (const base::Status whole = contents.finish(); !whole)
    co_return base::invalid(dir_ + ": " + whole.error().message);
  hard_state_ = contents.hard_state;
  truncated_ = contents.truncated;
  if (!segments_.empty()) CO_TRY_VOID(co_await reopen_last(scan.end, scan.torn));
  co_return base::Status();
}

// What follows the last whole frame becomes zero again: recovery tells torn writes by it. And what
// was read may be in the page cache only, left there by an agent that was killed during its sync:
// it is synced before anybody relies on it.
io::Task<base::Status> LogStore::reopen_last(std::uint64_t end, bool torn) {
  const std::string& path = segments_.back().path;
  CO_TRY(file_, disk_.open(path, false));
  CO_TRY(size_, file_->size());
  end_ = end;
  if (torn) {
    dropped_ = fmt::format("{}: offset {}: an unfinished write", path, end);
    CO_TRY_VOID(file_->truncate(end));
    CO_TRY_VOID(file_->preallocate(size_));
  }
  CO_TRY_VOID(co_await file_->sync());
  co_return co_await disk_.sync_dir(dir_);
}

std::unexpected<base::Error> LogStore::broken(base::Error error) {
  broken_ = true;
  file_.reset();
  return std::unexpected(std::move(error));
}

// A segment gets its name when its header, its room and the state so far are durable: under its
// name it is always whole, so damage there is never mistaken for a crash.
io::Task<base::Status> LogStore::roll(std::uint64_t bytes) {
  LogBatch state;
  state.compact = truncated_;
  state.hard_state = hard_state_;
  std::string head = segment_header(next_frame_);
  head += frame(next_frame_, encode_batch(state));
  const std::string path = fmt::format("{}/{:016x}{}", dir_, next_frame_, log_suffix);
  const std::string making = path + ".new";
  const std::uint64_t size = std::max(limits_.segment_bytes, head.size() + bytes);
  CO_TRY(std::unique_ptr<io::File> file, disk_.open(making, true));
  if (auto room = file->preallocate(size); !room) {
    (void)disk_.remove(making);
    co_return std::unexpected(std::move(room).error());
  }
  CO_TRY_VOID(file->write_at(0, head));
  if (auto synced = co_await file->sync(); !synced) co_return broken(synced.error());
  if (auto renamed = disk_.rename(making, path); !renamed) co_return broken(renamed.error());
  if (auto synced = co_await disk_.sync_dir(dir_); !synced) co_return broken(synced.error());
  syncs_ += 2;
  file_ = std::move(file);
  end_ = head.size();
  size_ = size;
  ++next_frame_;
  segments_.push_back({path, 0});
  co_return base::Status();
}

void LogStore::note(const LogBatch& batch) {
  if (batch.reset) {
    truncated_ = *batch.reset;
    for (Segment& segment : segments_)
      segment.index_max = 0;
  }
  if (batch.compact) truncated_ = *batch.compact;
  for (const Entry& entry : batch.entries)
    segments_.back().index_max = std::max(segments_.back().index_max, entry.index);
  if (batch.hard_state) hard_state_ = *batch.hard_state;
}

io::Task<base::Status> LogStore::write(LogBatch batch) {
  if (broken_) co_return base::fail(base::Code::io, dir_ + ": the log failed before");
  const std::string bytes = frame(next_frame_, encode_batch(batch));
  if (bytes.size() > limits_.batch_bytes_max)
    co_return base::fail(base::Code::too_large, fmt::format("log batch: {} bytes are above {}",
                                                            bytes.size(), limits_.batch_bytes_max));
  if (!file_ || end_ + bytes.size() > size_) {
    const base::Status rolled = co_await roll(bytes.size());
    if (!rolled && broken_) co_return rolled;
    if (!rolled) co_return base::fail(base::Code::unavailable, rolled.error().message);
    co_return co_await write(std::move(batch));  // the frame's number changed
  }
  if (auto written = file_->write_at(end_, bytes); !written) co_return broken(written.error());
  if (auto synced = co_await file_->sync(); !synced) co_return broken(synced.error());
  ++syncs_;
  ++next_frame_;
  end_ += bytes.size();
  note(batch);
  if (batch.reset) co_return co_await drop_old_segments();
  co_return base::Status();
}

io::Task<base::Status> LogStore::compact(LogPoint point) {
  if (point.index <= truncated_.index) co_return base::Status();
  LogBatch batch;
  batch.compact = point;
  CO_TRY_VOID(co_await write(std::move(batch)));
  co_return co_await drop_old_segments();
}

// Oldest first and each for itself: a gap between segments would look like damage.
io::Task<base::Status> LogStore::drop_old_segments() {
  while (segments_.size() > 1 && segments_.front().index_max <= truncated_.index) {
    CO_TRY_VOID(disk_.remove(segments_.front().path));
    CO_TRY_VOID(co_await disk_.sync_dir(dir_));
    segments_.pop_front();
  }
  co_return base::Status();
}

}  // namespace caravan::consensus
