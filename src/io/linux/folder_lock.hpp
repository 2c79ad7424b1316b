// SPDX-License-Identifier: Apache-2.0
// A folder belongs to one process at a time.
#pragma once

#include <string>
#include <utility>

#include "base/result.hpp"

namespace caravan::io::linux_world {

/// Held until it goes, or the process ends, however that happens.
class FolderLock {
 public:
  /// Makes the folder when it is missing. Errors: conflict (another process has it), io.
  static base::Result<FolderLock> take(const std::string& folder);
  FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~FolderLock();

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

}  // namespace caravan::io::linux_world
