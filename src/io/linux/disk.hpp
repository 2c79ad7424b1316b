// SPDX-License-Identifier: Apache-2.0
// Files through system calls. What waits for the disk and is not the log's (which has a lane of its
// own) waits on threads of the disk: a lane that serves many tasks must not stand still for one.
#pragma once

#include <memory>

#include "io/disk.hpp"

namespace caravan::io::linux_world {

class Disk : public io::Disk {
 public:
  Disk();
  ~Disk() override;
  /// Waits for what is being written. Before the executors go that wait for it.
  void join();

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

 private:
  struct Writers;
  std::unique_ptr<Writers> writers_;
};

}  // namespace caravan::io::linux_world
