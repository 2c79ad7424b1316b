// SPDX-License-Identifier: Apache-2.0
#include "io/linux/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>

namespace caravan::io::linux_world {
namespace {

constexpr mode_t private_file = 0600;

std::unexpected<base::Error> failed(const std::string& what, const std::string& path, int error) {
  return base::fail(base::Code::io, fmt::format("{} {}: {}", what, path, std::strerror(error)));
}

}  // namespace

base::Result<FolderLock> FolderLock::take(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return failed("make", folder, error.value());
  const std::string path = folder + "/.lock";
  FolderLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, private_file));
  if (lock.file_ < 0) return failed("open", path, errno);
  if (::flock(lock.file_, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return failed("lock", path, errno);
  return base::fail(base::Code::conflict,
                    fmt::format("{} is in use by another agent: stop that one, or name another "
                                "data_dir",
                                folder));
}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace caravan::io::linux_world
