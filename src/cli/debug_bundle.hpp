// SPDX-License-Identifier: Apache-2.0
// What `operator debug` gathers, until it is written: files in one folder, bounded in size, with an
// index that says what is there, what was not to be had, and why.
#pragma once

#include <set>

#include "consensus/tar.hpp"
#include "json/value.hpp"

namespace caravan::cli {

class DebugBundle {
 public:
  explicit DebugBundle(std::string name) : name_(std::move(name)) {}

  /// A file of "folder/file" with this content, or with more of it. What is too much is left out,
  /// and the index says so.
  void add(const std::string& file, std::string_view text);
  /// What could not be had.
  void miss(const std::string& what, const std::string& why);

  const std::string& name() const { return name_; }
  const std::vector<std::pair<std::string, std::string>>& missing() const { return missing_; }
  /// All files by name, the folder's included, and the index with `facts` in it.
  consensus::Files files(json::Object facts) const;

  /// Of one file, and of all.
  static constexpr std::size_t file_bytes_max = std::size_t{16} << 20,
                               all_bytes_max = std::size_t{128} << 20;

 private:
  const std::string name_;
  consensus::Files files_;
  std::set<std::string> cut_;  // the files of which something was left out
  std::size_t bytes_ = 0;
  std::vector<std::pair<std::string, std::string>> missing_;
};

/// As a part of a file's name: letters, digits, dots, dashes and underscores, at most 40 of them.
std::string file_part(std::string_view text);
/// "30s" of a list "a,b" and the like: the parts that are not empty.
std::vector<std::string> comma_list(const std::string& text);

}  // namespace caravan::cli
