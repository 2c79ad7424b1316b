// SPDX-License-Identifier: Apache-2.0
// A task's rotated log files as one stream of bytes.
#pragma once

#include <memory>
#include <string>

#include "base/time.hpp"
#include "io/disk.hpp"

namespace caravan::client {

inline constexpr std::size_t log_read_bytes = 64 * 1024;
/// How soon new output is seen by those who follow.
inline constexpr base::Duration log_follow_look{100'000'000};

class LogFiles {
 public:
  /// `prefix`: "web.stdout."; numbers follow it.
  LogFiles(io::Disk& disk, std::string folder, std::string prefix);
  /// To `offset` bytes after the start of the oldest file, or before the end of the newest.
  void seek(bool from_end, std::uint64_t offset);
  /// The next bytes, across files; "" when there are none for now. Errors: io.
  base::Result<std::string> next();
  /// The file that is being read.
  std::string name() const { return prefix_ + std::to_string(number_); }

 private:
  std::vector<std::pair<long long, std::uint64_t>> list() const;  // number and size, by number

  io::Disk& disk_;
  std::string folder_, prefix_;
  long long number_ = 0;
  std::uint64_t at_ = 0;
};

}  // namespace caravan::client
