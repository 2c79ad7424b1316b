// SPDX-License-Identifier: Apache-2.0
// An open folder, and ways to go on from it that never follow a link.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace caravan::fetch {

class Folder {
 public:
  /// Throws Failure.
  static Folder open_root(const std::string& path);
  explicit Folder(int fd) : fd_(fd) {}
  Folder(Folder&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Folder& operator=(Folder&&) = delete;
  ~Folder();

  int fd() const { return fd_; }
  /// Goes down a relative path, making what is missing. Throws Failure: a part is a link, no
  /// folder, or "..".
  Folder enter(const std::string& path, bool make) const;
  std::vector<std::string> list() const;
  bool is_folder(const std::string& name) const;  // and no link to one
  bool exists(const std::string& name) const;
  void remove_all(const std::string& name) const;  // nothing there is fine

 private:
  int fd_;
};

}  // namespace caravan::fetch
