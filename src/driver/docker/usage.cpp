// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/usage.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "driver/cgroup_cpu.hpp"

namespace caravan::driver::docker {

CgroupPaths cgroup_paths(std::string_view cgroups) {
  CgroupPaths paths;
  for (const std::string& line : base::split(cgroups, '\n')) {
    const std::vector<std::string> fields = base::split(line, ':');
    if (fields.size() < 3) continue;
    const std::string path = line.substr(fields[0].size() + fields[1].size() + 2);
    for (const std::string& controller : base::split(fields[1], ',')) {
      if (controller == "memory")
        paths.memory_stat = "/sys/fs/cgroup/memory" + path + "/memory.stat";
      if (controller == "cpuacct") paths.cpu = path;
    }
    if (fields[0] != "0" || !fields[1].empty()) continue;  // the unified one is the last line
    if (paths.memory_stat.empty()) paths.memory_stat = "/sys/fs/cgroup" + path + "/memory.stat";
    if (paths.cpu.empty()) {
      paths.cpu = path;
      paths.is_cpu_unified = true;
    }
  }
  return paths;
}

base::Result<TaskUsage> read_usage(io::Disk& disk, int pid) {
  TRY(const std::string cgroups, disk.read_file(fmt::format("/proc/{}/cgroup", pid)));
  const CgroupPaths paths = cgroup_paths(cgroups);
  if (paths.memory_stat.empty())
    return base::fail(base::Code::not_found, "the container has no memory cgroup");
  TRY(const std::string text, disk.read_file(paths.memory_stat));
  TaskUsage usage;
  for (const std::string& line : base::split(text, '\n'))
    for (const std::string_view key : {"total_rss ", "anon "})
      if (line.starts_with(key))
        usage.rss_bytes =
            static_cast<std::uint64_t>(base::parse_int(line.substr(key.size())).value_or(0));
  usage.cpu = cpu_of_cgroup(disk, paths.cpu, paths.is_cpu_unified);
  return usage;
}

}  // namespace caravan::driver::docker
