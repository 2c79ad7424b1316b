// SPDX-License-Identifier: Apache-2.0
// io::Disk over a DiskImage. Calls of a life that has ended fail and change nothing.
#pragma once

#include "io/disk.hpp"
#include "sim/disk_image.hpp"
#include "sim/life.hpp"

namespace caravan::sim {

class SimDisk : public io::Disk {
 public:
  SimDisk(DiskImage& image, LifePtr life) : image_(image), life_(std::move(life)) {}
  base::Result<std::unique_ptr<io::File>> open(const std::string& path, bool create) override;
  base::Result<std::unique_ptr<io::File>> open_own(const std::string& path, unsigned) override {
    return open(path, true);
  }
  base::Result<std::unique_ptr<io::File>> open_to_read(const std::string& path) override {
    return open(path, false);
  }
  base::Result<std::string> read_file(const std::string& path) override;
  io::Task<base::Status> replace_file(const std::string& path, std::string_view bytes,
                                      unsigned mode) override;
  base::Status remove(const std::string& path) override;
  base::Status rename(const std::string& from, const std::string& to) override;
  base::Status make_dirs(const std::string& path, unsigned mode) override;
  io::Task<base::Status> sync_dir(const std::string& path) override;
  base::Result<std::vector<io::FileInfo>> list(const std::string& path) override;
  bool exists(const std::string& path) override { return life_->alive() && image_.exists(path); }
  base::Result<std::string> follow_links(const std::string& path) override { return path; }
  base::Status write_file(const std::string& path, std::string_view bytes, unsigned, int,
                          int) override {
    TRY(const std::unique_ptr<io::File> file, open(path, true));
    TRY_VOID(file->truncate(0));
    return file->write_at(0, bytes);
  }
  base::Result<bool> create_exclusively(const std::string& path) override {
    if (exists(path)) return false;
    TRY_VOID(open(path, true));
    return true;
  }

 private:
  DiskImage& image_;
  LifePtr life_;
};

}  // namespace caravan::sim
