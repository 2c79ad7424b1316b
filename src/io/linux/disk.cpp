// SPDX-License-Identifier: Apache-2.0
#include "io/linux/disk.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "io/task.hpp"

namespace caravan::io::linux_world {
namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace {

std::unexpected<base::Error> failure(std::string_view what, const std::string& path, int error) {
  const base::Code code = error == ENOENT ? base::Code::not_found : base::Code::io;
  return base::fail(code, fmt::format("{} {}: {}", what, path, std::strerror(error)));
}

base::Status write_all(int fd, const std::string& path, std::uint64_t offset,
                       std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

class LinuxFile : public File {
 public:
  LinuxFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~LinuxFile() override { ::close(fd_); }

  base::Status write_at(std::uint64_t offset, std::string_view bytes) override {
    return write_all(fd_, path_, offset, bytes);
  }
  base::Result<std::string> read_at(std::uint64_t offset, std::size_t length) override {
    std::string bytes(length, '\0');
    std::size_t have = 0;
    while (have < length) {
      const ssize_t n =
          ::pread(fd_, bytes.data() + have, length - have, static_cast<off_t>(offset + have));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failure("read", path_, errno);
      if (n == 0) break;
      have += static_cast<std::size_t>(n);
    }
    bytes.resize(have);
    return bytes;
  }
  base::Result<std::uint64_t> size() override {
    struct stat info{};
    if (::fstat(fd_, &info) != 0) return failure("stat", path_, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }
  base::Status truncate(std::uint64_t size) override {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return failure("truncate", path_, errno);
    return {};
  }
  base::Status preallocate(std::uint64_t size) override {
    const int error = ::posix_fallocate(fd_, 0, static_cast<off_t>(size));
    if (error != 0) return failure("allocate", path_, error);
    return {};
  }
  Task<base::Status> sync() override {
    if (::fdatasync(fd_) != 0) co_return failure("sync", path_, errno);
    co_return base::Status();
  }

 private:
  int fd_;
  std::string path_;
};

base::Status sync_path(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return failure("open", path, errno);
  const int failed = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  if (failed != 0) return failure("sync", path, error);
  return {};
}

base::Status write_new(const std::string& path, std::string_view bytes, unsigned mode) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return failure("create", path, errno);
  base::Status status = write_all(fd, path, 0, bytes);
  if (status && ::fchmod(fd, mode) != 0) status = failure("chmod", path, errno);
  if (status && ::fsync(fd) != 0) status = failure("sync", path, errno);
  ::close(fd);
  return status;
}

Task<base::Status> replace_here(const std::string& path, std::string_view bytes, unsigned mode) {
  const std::string beside = path + ".new";
  CO_TRY_VOID(write_new(beside, bytes, mode));
  if (::rename(beside.c_str(), path.c_str()) != 0) co_return failure("rename", path, errno);
  co_return sync_path(fs::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
}

Task<base::Status> sync_here(const std::string& path) {
  co_return sync_path(path, O_RDONLY | O_DIRECTORY);
}

}  // namespace

base::Result<std::unique_ptr<File>> Disk::open(const std::string& path, bool create) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
  if (fd < 0) return failure("open", path, errno);
  return std::make_unique<LinuxFile>(fd, path);
}

base::Result<std::unique_ptr<File>> Disk::open_own(const std::string& path, unsigned mode) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);
  if (fd < 0) return failure("open", path, errno);
  return std::make_unique<LinuxFile>(fd, path);
}

base::Result<std::string> Disk::follow_links(const std::string& path) {
  std::error_code error;
  const fs::path followed = fs::weakly_canonical(path, error);
  if (error) return failure("resolve", path, error.value());
  return followed.string();
}

base::Result<std::unique_ptr<File>> Disk::open_to_read(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return failure("open", path, errno);
  return std::make_unique<LinuxFile>(fd, path);
}

base::Result<std::string> Disk::read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failure("open", path, errno);
  std::string bytes;
  char buffer[65536];
  while (true) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    const int error = errno;
    if (n <= 0) ::close(fd);
    if (n < 0) return failure("read", path, error);
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
}

/// The threads that write. All writes of one path go through the same one, so that the last one
/// asked for is the one that stays.
struct Disk::Writers {
  static constexpr std::size_t count = 4;
  asio::any_io_executor of(const std::string& path) {
    const std::scoped_lock lock(mutex);
    std::unique_ptr<asio::thread_pool>& one = threads[std::hash<std::string>()(path) % count];
    if (!one) one = std::make_unique<asio::thread_pool>(1);
    return one->get_executor();
  }
  void join() {
    const std::scoped_lock lock(mutex);
    for (const std::unique_ptr<asio::thread_pool>& one : threads)
      if (one) one->join();
  }
  std::mutex mutex;
  std::array<std::unique_ptr<asio::thread_pool>, count> threads;  // made when they are needed
};

Disk::Disk() : writers_(std::make_unique<Writers>()) {}
Disk::~Disk() = default;
void Disk::join() { writers_->join(); }

Task<base::Status> Disk::replace_file(const std::string& path, std::string_view bytes,
                                      unsigned mode) {
  co_return co_await on(writers_->of(path), replace_here(path, bytes, mode));
}

base::Status Disk::remove(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return failure("remove", path, error.value());
  return {};
}

base::Status Disk::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failure("rename", from, errno);
  return {};
}

base::Status Disk::make_dirs(const std::string& path, unsigned mode) {
  std::error_code error;
  if (fs::is_directory(path, error)) return {};
  fs::create_directories(path, error);
  if (error) return failure("make the folder", path, error.value());
  if (::chmod(path.c_str(), mode) != 0) return failure("chmod", path, errno);
  return {};
}

Task<base::Status> Disk::sync_dir(const std::string& path) {
  co_return co_await on(writers_->of(path), sync_here(path));
}

base::Result<std::vector<FileInfo>> Disk::list(const std::string& path) {
  std::error_code error;
  std::vector<FileInfo> files;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    const bool is_dir = at->is_directory(gone);
    const std::uint64_t size = is_dir || !at->is_regular_file(gone) ? 0 : at->file_size(gone);
    if (!gone) files.push_back({at->path().filename().string(), is_dir, size});
  }
  if (error) return failure("list", path, error.value());
  std::ranges::sort(files, {}, &FileInfo::name);
  return files;
}

base::Result<bool> Disk::create_exclusively(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return false;
  if (fd < 0) return failure("create", path, errno);
  ::close(fd);
  return true;
}

base::Status Disk::write_file(const std::string& path, std::string_view bytes, unsigned mode,
                              int uid, int gid) {
  const std::string beside = path + ".new";
  const int fd =
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return failure("create", beside, errno);
  base::Status status = write_all(fd, beside, 0, bytes);
  if (status && ::fchmod(fd, mode) != 0) status = failure("chmod", beside, errno);
  if (status && (uid >= 0 || gid >= 0) &&
      ::fchown(fd, static_cast<uid_t>(uid), static_cast<gid_t>(gid)) != 0)
    status = failure("chown", beside, errno);
  ::close(fd);
  if (status && ::rename(beside.c_str(), path.c_str()) != 0)
    status = failure("rename", beside, errno);
  return status;
}

bool Disk::exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

}  // namespace caravan::io::linux_world
