// SPDX-License-Identifier: Apache-2.0
#include "sim/disk.hpp"

namespace caravan::sim {
namespace {

class SimFile : public io::File {
 public:
  SimFile(DiskImage& image, LifePtr life, std::shared_ptr<Inode> inode, std::string path)
      : image_(image), life_(std::move(life)), inode_(std::move(inode)), path_(std::move(path)) {}

  base::Status write_at(std::uint64_t offset, std::string_view bytes) override {
    if (!life_->alive()) return dead(*life_);
    return named(image_.write(*inode_, offset, bytes));
  }

  base::Result<std::string> read_at(std::uint64_t offset, std::size_t length) override {
    if (!life_->alive()) return dead(*life_);
    if (offset >= inode_->bytes.size()) return std::string();
    return inode_->bytes.substr(offset, length);
  }

  base::Result<std::uint64_t> size() override {
    if (!life_->alive()) return dead(*life_);
    return inode_->bytes.size();
  }

  base::Status truncate(std::uint64_t size) override {
    if (!life_->alive()) return dead(*life_);
    return named(image_.resize(*inode_, size));
  }

  base::Status preallocate(std::uint64_t size) override {
    if (!life_->alive()) return dead(*life_);
    if (size <= inode_->bytes.size()) return {};
    return named(image_.resize(*inode_, size));
  }

  io::Task<base::Status> sync() override {
    const LifePtr life = life_;
    const std::shared_ptr<Inode> inode = inode_;
    DiskImage& image = image_;
    const std::uint64_t until = inode->changes();
    co_await life->sleep(image.sync_time());
    co_return named(image.sync(*inode, until));
  }

 private:
  base::Status named(base::Status status) const {
    if (!status) status.error().message = path_ + ": " + status.error().message;
    return status;
  }

  DiskImage& image_;
  LifePtr life_;
  std::shared_ptr<Inode> inode_;
  std::string path_;
};

}  // namespace

base::Result<std::unique_ptr<io::File>> SimDisk::open(const std::string& path, bool create) {
  if (!life_->alive()) return dead(*life_);
  TRY(std::shared_ptr<Inode> inode, image_.open(path, create));
  return std::make_unique<SimFile>(image_, life_, std::move(inode), path);
}

base::Result<std::string> SimDisk::read_file(const std::string& path) {
  if (!life_->alive()) return dead(*life_);
  TRY(const std::shared_ptr<Inode> inode, image_.open(path, false));
  return inode->bytes;
}

io::Task<base::Status> SimDisk::replace_file(const std::string& path, std::string_view bytes,
                                             unsigned) {
  const std::string beside = path + ".new";
  CO_TRY(const std::unique_ptr<io::File> file, open(beside, true));
  CO_TRY_VOID(file->truncate(0));
  CO_TRY_VOID(file->write_at(0, bytes));
  CO_TRY_VOID(co_await file->sync());
  CO_TRY_VOID(rename(beside, path));
  const std::size_t slash = path.rfind('/');
  const std::string dir = slash == 0 ? "/" : path.substr(0, slash);
  co_return co_await sync_dir(dir);
}

base::Status SimDisk::remove(const std::string& path) {
  if (!life_->alive()) return dead(*life_);
  return image_.remove(path);
}

base::Status SimDisk::rename(const std::string& from, const std::string& to) {
  if (!life_->alive()) return dead(*life_);
  return image_.rename(from, to);
}

base::Status SimDisk::make_dirs(const std::string& path, unsigned) {
  if (!life_->alive()) return dead(*life_);
  return image_.make_dirs(path);
}

io::Task<base::Status> SimDisk::sync_dir(const std::string& path) {
  const LifePtr life = life_;
  DiskImage& image = image_;
  co_await life->sleep(image.sync_time());
  co_return image.sync_dir(path);
}

base::Result<std::vector<io::FileInfo>> SimDisk::list(const std::string& path) {
  if (!life_->alive()) return dead(*life_);
  return image_.list(path);
}

}  // namespace caravan::sim
