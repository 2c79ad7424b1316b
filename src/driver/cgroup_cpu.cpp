// SPDX-License-Identifier: Apache-2.0
#include "driver/cgroup_cpu.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::driver {
namespace {

constexpr std::string_view hierarchies = "/sys/fs/cgroup";

std::uint64_t number_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::max(0LL, base::parse_int(base::trim(text)).value_or(0)));
}

}  // namespace

CpuTime parse_cpu_stat(std::string_view text) {
  CpuTime time;
  for (const std::string& line : base::split(text, '\n')) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view name = std::string_view(line).substr(0, space);
    const std::uint64_t number = number_in(std::string_view(line).substr(space));
    if (name == "user_usec") time.user_ns = number * 1000;
    if (name == "system_usec") time.system_ns = number * 1000;
    if (name == "nr_throttled") time.throttled_periods = number;
    if (name == "throttled_usec") time.throttled_ns = number * 1000;
    if (name == "throttled_time") time.throttled_ns = number;
  }
  return time;
}

std::optional<CpuTime> cpu_of_cgroup(io::Disk& disk, std::string_view path, bool is_unified) {
  const auto read = [&](std::string_view controller, std::string_view file) {
    return disk.read_file(fmt::format("{}{}{}/{}", hierarchies, controller, path, file));
  };
  if (is_unified) {
    const base::Result<std::string> stat = read("", "cpu.stat");
    if (!stat) return {};
    return parse_cpu_stat(*stat);
  }
  const base::Result<std::string> user = read("/cpuacct", "cpuacct.usage_user"),
                                  system = read("/cpuacct", "cpuacct.usage_sys"),
                                  limits = read("/cpu", "cpu.stat");
  if (!user || !system) return {};
  CpuTime time = parse_cpu_stat(limits.value_or(""));
  time.user_ns = number_in(*user);
  time.system_ns = number_in(*system);
  return time;
}

}  // namespace caravan::driver
