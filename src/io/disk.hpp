// SPDX-License-Identifier: Apache-2.0
// Files. Only sync() waits in virtual time; the rest are system calls that hit the page cache. The
// simulated twin tears unsynced writes at a crash, fills up, slows down and flips bits by seed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "io/task_fwd.hpp"

namespace caravan::io {

class File {
 public:
  virtual ~File() = default;
  virtual base::Status write_at(std::uint64_t offset, std::string_view bytes) = 0;
  /// Up to `length` bytes; fewer at the end of the file.
  virtual base::Result<std::string> read_at(std::uint64_t offset, std::size_t length) = 0;
  virtual base::Result<std::uint64_t> size() = 0;
  virtual base::Status truncate(std::uint64_t size) = 0;
  /// Reserves room so that later writes do not change the file's length (fallocate).
  virtual base::Status preallocate(std::uint64_t size) = 0;
  /// fdatasync. After it returns, all earlier writes survive a power cut.
  virtual Task<base::Status> sync() = 0;
};

struct FileInfo {
  std::string name;  // without the folder
  bool is_dir = false;
  std::uint64_t size = 0;
};

/// Paths are absolute. Errors: not_found, io (with the path and the system's words).
class Disk {
 public:
  virtual ~Disk() = default;
  /// Opens for reading and writing; creates the file when `create`.
  virtual base::Result<std::unique_ptr<File>> open(const std::string& path, bool create) = 0;
  /// The same with `mode` for a new file; a link at `path` is refused. For files in folders that
  /// others may write to.
  virtual base::Result<std::unique_ptr<File>> open_own(const std::string& path, unsigned mode) = 0;
  virtual base::Result<std::unique_ptr<File>> open_to_read(const std::string& path) = 0;
  virtual base::Result<std::string> read_file(const std::string& path) = 0;
  /// Writes beside the target, syncs, renames and syncs the folder: either the old or the new
  /// content is there after a crash. `mode` as in chmod.
  virtual Task<base::Status> replace_file(const std::string& path, std::string_view bytes,
                                          unsigned mode) = 0;
  virtual base::Status remove(const std::string& path) = 0;  // a file, or a tree
  virtual base::Status rename(const std::string& from, const std::string& to) = 0;
  virtual base::Status make_dirs(const std::string& path, unsigned mode) = 0;
  virtual Task<base::Status> sync_dir(const std::string& path) = 0;
  virtual base::Result<std::vector<FileInfo>> list(const std::string& path) = 0;  // by name
  /// Writes in place, for files that a program of ours makes anew anyway. A link at `path` is
  /// replaced, not followed. `uid` and `gid` -1 keep the agent's.
  virtual base::Status write_file(const std::string& path, std::string_view bytes, unsigned mode,
                                  int uid, int gid) = 0;
  virtual bool exists(const std::string& path) = 0;
  /// The path with every link in it followed; parts that do not exist stay as they are.
  virtual base::Result<std::string> follow_links(const std::string& path) = 0;
  /// Creates an empty file if there is none (O_EXCL) and tells whether it did: of several, one
  /// wins.
  virtual base::Result<bool> create_exclusively(const std::string& path) = 0;
};

}  // namespace caravan::io
