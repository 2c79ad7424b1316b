// SPDX-License-Identifier: Apache-2.0
// Files <prefix>.stdout.0, .1, …: the number only grows, the oldest are deleted, and a file is left
// at a line end where one comes soon. The same rules as the supervisor's (src/supervisor/log.c).
#pragma once

#include <memory>
#include <string>

#include "io/disk.hpp"

namespace caravan::driver::docker {

class LogFile {
 public:
  /// `prefix`: "<folder>/<task>.stdout". Nothing is opened yet.
  LogFile(io::Disk& disk, std::string prefix, int files_max, std::uint64_t bytes_max);

  /// Goes on behind the newest file, as a new run of a task does.
  base::Status open_newest();
  /// Goes on at a place that was written down; what is behind it is taken back.
  base::Status open_at(std::int64_t number, std::uint64_t size);
  bool is_open() const { return file_ != nullptr; }
  /// Errors: io (a full disk). Rotates as needed.
  base::Status append(std::string_view bytes);
  std::int64_t number() const { return number_; }
  std::uint64_t size() const { return size_; }

 private:
  std::string path(std::int64_t number) const { return prefix_ + "." + std::to_string(number); }
  base::Status open_number(std::int64_t number);

  io::Disk& disk_;
  std::string prefix_;
  int files_max_;
  std::uint64_t bytes_max_;
  std::unique_ptr<io::File> file_;
  std::int64_t number_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace caravan::driver::docker
