// SPDX-License-Identifier: Apache-2.0
#include "fetch/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/failure.hpp"

namespace caravan::fetch {
namespace {

constexpr int no_links = O_DIRECTORY | O_NOFOLLOW | O_RDONLY | O_CLOEXEC;

struct CloseFolder {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

}  // namespace

Folder Folder::open_root(const std::string& path) {
  const int fd = ::open(path.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail_system("open " + path);
  return Folder(fd);
}

Folder::~Folder() {
  if (fd_ >= 0) ::close(fd_);
}

Folder Folder::enter(const std::string& path, bool make) const {
  Folder at(::fcntl(fd_, F_DUPFD_CLOEXEC, 0));
  std::istringstream parts(path);
  for (std::string part; std::getline(parts, part, '/');) {
    if (part.empty() || part == ".") continue;
    if (part == "..") refuse("the destination " + path + " leaves the allocation");
    if (make) ::mkdirat(at.fd_, part.c_str(), 0777);
    const int next = ::openat(at.fd_, part.c_str(), no_links);
    if (next < 0) fail_system("the destination " + path + ", at \"" + part + "\"");
    ::close(std::exchange(at.fd_, next));
  }
  return at;
}

std::vector<std::string> Folder::list() const {
  const std::unique_ptr<DIR, CloseFolder> dir(::fdopendir(::openat(fd_, ".", no_links)));
  std::vector<std::string> names;
  if (!dir) fail_system("listing a folder");
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

bool Folder::is_folder(const std::string& name) const {
  struct stat info{};
  return ::fstatat(fd_, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

bool Folder::exists(const std::string& name) const {
  struct stat info{};
  return ::fstatat(fd_, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

void Folder::remove_all(const std::string& name) const {
  if (!is_folder(name)) {
    ::unlinkat(fd_, name.c_str(), 0);
    return;
  }
  {
    const Folder inner = enter(name, false);
    for (const std::string& child : inner.list())
      inner.remove_all(child);
  }
  ::unlinkat(fd_, name.c_str(), AT_REMOVEDIR);
}

}  // namespace caravan::fetch
