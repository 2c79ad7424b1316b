// SPDX-License-Identifier: Apache-2.0
// Files through system calls.
#pragma once

#include "io/disk.hpp"

namespace caravan::io::linux_world {

class Disk : public io::Disk {
 public:
  base::Result<std::unique_ptr<File>> open(const std::string& path, bool create) override;
  base::Result<std::unique_ptr<File>> open_own(const std::string& path, unsigned mode) override;
  base::Result<std::unique_ptr<File>> open_to_read(const std::string& path) override;
  base::Result<std::string> read_file(const std::string& path) override;
  Task<base::Status> replace_file(const std::string& path, std::string_view bytes,
                                  unsigned mode) override;
  base::Status remove(const std::string& path) override;
  base::Status rename(const std::string& from, const std::string& to) override;
  base::Status make_dirs(const std::string& path, unsigned mode) override;
  Task<base::Status> sync_dir(const std::string& path) override;
  base::Result<std::vector<FileInfo>> list(const std::string& path) override;
  base::Status write_file(const std::string& path, std::string_view bytes, unsigned mode, int uid,
                          int gid) override;
  bool exists(const std::string& path) override;
  base::Result<std::string> follow_links(const std::string& path) override;
  base::Result<bool> create_exclusively(const std::string& path) override;
};

}  // namespace caravan::io::linux_world
