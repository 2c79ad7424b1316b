// SPDX-License-Identifier: Apache-2.0
#include "client/alloc_dir.hpp"

#include "base/text.hpp"

namespace caravan::client {

base::Status AllocDir::make(io::Disk& disk, const model::TaskGroup& group) const {
  TRY_VOID(disk.make_dirs(path_, 0755));
  TRY_VOID(disk.make_dirs(shared(), 0755));
  for (const char* name : {"/data", "/logs", "/tmp"})
    TRY_VOID(disk.make_dirs(shared() + name, 0777));
  for (const model::Task& t : group.tasks) {
    TRY_VOID(disk.make_dirs(task(t.name), 0777));
    TRY_VOID(disk.make_dirs(local(t.name), 0777));
    TRY_VOID(disk.make_dirs(secrets(t.name), 0777));
    TRY_VOID(disk.make_dirs(task(t.name) + "/tmp", 01777));
  }
  return {};
}

base::Result<std::string> AllocDir::resolve(const std::string& task,
                                            const std::string& path) const {
  const std::string root = path_ + "/";
  if (path.starts_with(root)) return inside(path_, path.substr(root.size()));
  if (path.starts_with("/alloc/") || path.starts_with("alloc/")) return inside(path_, path);
  return inside(path_, task + "/" + path);
}

base::Result<std::string> inside(const std::string& base_path, const std::string& relative) {
  std::vector<std::string> parts;
  for (const std::string& part : base::split(relative, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
      continue;
    }
    if (parts.empty()) return base::invalid("Path escapes the alloc directory");
    parts.pop_back();
  }
  if (relative.find('\0') != std::string::npos)
    return base::invalid("the path contains a NUL byte");
  return parts.empty() ? base_path : base_path + "/" + base::join(parts, "/");
}

}  // namespace caravan::client
