// SPDX-License-Identifier: Apache-2.0
#include "driver/process_use.hpp"

#include <vector>

#include <unistd.h>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::driver {
namespace {

constexpr std::size_t processes_max = 4096;  // of one task, that are counted
/// Fields of /proc/PID/stat behind the name, which may have spaces and brackets (proc(5), minus 3).
enum Field : std::size_t { utime = 11, stime = 12, cutime = 13, cstime = 14, rss = 21 };

/// Those whom the threads of a process have started.
void add_children(io::Disk& disk, int pid, std::vector<int>& pids) {
  const base::Result<std::vector<io::FileInfo>> threads =
      disk.list(fmt::format("/proc/{}/task", pid));
  if (!threads) return;
  for (const io::FileInfo& thread : *threads) {
    const base::Result<std::string> children =
        disk.read_file(fmt::format("/proc/{}/task/{}/children", pid, thread.name));
    for (const std::string& child : base::split(children.value_or(""), ' '))
      if (const auto number = base::parse_int(child); number && pids.size() < processes_max)
        pids.push_back(static_cast<int>(*number));
  }
}

}  // namespace

std::optional<TaskUsage> parse_process_stat(std::string_view line, std::uint64_t tick_ns,
                                            std::uint64_t page_bytes) {
  const std::size_t name_end = line.rfind(") ");
  if (name_end == std::string_view::npos) return {};
  const std::vector<std::string> fields = base::split(line.substr(name_end + 2), ' ');
  if (fields.size() <= Field::rss) return {};
  const auto number = [&](Field field) {
    return static_cast<std::uint64_t>(std::max(0LL, base::parse_int(fields[field]).value_or(0)));
  };
  TaskUsage usage;
  usage.rss_bytes = number(Field::rss) * page_bytes;
  usage.cpu = CpuTime{.user_ns = (number(Field::utime) + number(Field::cutime)) * tick_ns,
                      .system_ns = (number(Field::stime) + number(Field::cstime)) * tick_ns};
  return usage;
}

base::Result<TaskUsage> read_process_use(io::Disk& disk, int pid) {
  const auto tick_ns = 1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  TaskUsage all{.cpu = CpuTime()};
  std::vector<int> pids{pid};
  for (std::size_t i = 0; i < pids.size(); ++i) {
    const base::Result<std::string> line = disk.read_file(fmt::format("/proc/{}/stat", pids[i]));
    const auto one = parse_process_stat(line.value_or(""), tick_ns, page_bytes);
    if (!one && i == 0) return base::fail(base::Code::not_found, "the task is not running");
    if (!one) continue;  // it has ended meanwhile
    all.rss_bytes += one->rss_bytes;
    all.cpu->user_ns += one->cpu->user_ns;
    all.cpu->system_ns += one->cpu->system_ns;
    add_children(disk, pids[i], pids);
  }
  return all;
}

}  // namespace caravan::driver
