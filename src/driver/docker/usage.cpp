// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/usage.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::driver::docker {

std::string memory_stat_path(std::string_view cgroups) {
  std::string unified;
  for (const std::string& line : base::split(cgroups, '\n')) {
    const std::vector<std::string> fields = base::split(line, ':');
    if (fields.size() < 3) continue;
    const std::string path = line.substr(fields[0].size() + fields[1].size() + 2);
    for (const std::string& controller : base::split(fields[1], ','))
      if (controller == "memory") return "/sys/fs/cgroup/memory" + path + "/memory.stat";
    if (fields[0] == "0" && fields[1].empty()) unified = "/sys/fs/cgroup" + path + "/memory.stat";
  }
  return unified;
}

base::Result<TaskUsage> read_usage(io::Disk& disk, int pid) {
  TRY(const std::string cgroups, disk.read_file(fmt::format("/proc/{}/cgroup", pid)));
  const std::string path = memory_stat_path(cgroups);
  if (path.empty()) return base::fail(base::Code::not_found, "the container has no memory cgroup");
  TRY(const std::string text, disk.read_file(path));
  TaskUsage usage;
  for (const std::string& line : base::split(text, '\n'))
    for (const std::string_view key : {"total_rss ", "anon "})
      if (line.starts_with(key))
        usage.rss_bytes =
            static_cast<std::uint64_t>(base::parse_int(line.substr(key.size())).value_or(0));
  return usage;
}

}  // namespace caravan::driver::docker
