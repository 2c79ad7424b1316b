// SPDX-License-Identifier: Apache-2.0
// What the node and its tasks use. Measured when somebody asks: a node that nobody looks at spends
// nothing on it.
#include <algorithm>

#include <unistd.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "client/host_use.hpp"
#include "client/node_service.hpp"
#include "io/task.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

struct TaskUse {
  std::uint64_t rss_bytes = 0;
  std::optional<CpuShare> cpu;
  std::uint64_t throttled_periods = 0, throttled_ns = 0;
};

json::Object use_json(const TaskUse& use, double core_mhz) {
  const CpuShare cpu = use.cpu.value_or(CpuShare());
  const json::Array measured =
      use.cpu ? json::Array{"System Mode", "User Mode", "Percent"} : json::Array();
  return {{"MemoryStats", json::Object{{"RSS", use.rss_bytes},
                                       {"Cache", 0},
                                       {"Swap", 0},
                                       {"Usage", use.rss_bytes},
                                       {"MaxUsage", 0},
                                       {"KernelUsage", 0},
                                       {"KernelMaxUsage", 0},
                                       {"Measured", json::Array{"RSS"}}}},
          {"CpuStats", json::Object{{"SystemMode", cpu.system * 100},
                                    {"UserMode", cpu.user * 100},
                                    {"TotalTicks", cpu.all() * core_mhz},
                                    {"ThrottledPeriods", use.throttled_periods},
                                    {"ThrottledTime", use.throttled_ns},
                                    {"Percent", cpu.all() * 100},
                                    {"Measured", measured}}},
          {"DeviceStats", json::Array()}};
}

void add(TaskUse& total, const TaskUse& use) {
  total.rss_bytes += use.rss_bytes;
  total.throttled_periods += use.throttled_periods;
  total.throttled_ns += use.throttled_ns;
  if (!use.cpu) return;
  if (!total.cpu) total.cpu = CpuShare();
  total.cpu->user += use.cpu->user;
  total.cpu->system += use.cpu->system;
}

}  // namespace

double NodeService::core_mhz() const {
  const auto& attributes = client_.node().attributes;
  const auto found = attributes.find("cpu.frequency");
  if (found == attributes.end()) return 0;
  return static_cast<double>(base::parse_int(found->second).value_or(0));
}

io::Task<base::Result<std::string>> NodeService::stats(wire::AllocRequest request) {
  CO_TRY(AllocRunner * alloc, runner(request.alloc_id));
  base::Duration wait(0);
  for (const auto& [name, task] : alloc->tasks())
    if (const auto usage = task->usage(); usage && usage->cpu)
      wait = std::max(wait, task->cpu_meter().begin(*usage->cpu, world_.clock.uptime()));
  if (wait > base::Duration(0)) {
    co_await world_.clock.sleep(wait);
    CO_TRY(alloc, runner(request.alloc_id));  // it may have gone meanwhile
  }
  json::Object tasks;
  TaskUse total;
  const std::int64_t now = world_.clock.now().unix_ns;
  for (const auto& [name, task] : alloc->tasks()) {
    if (!request.task.empty() && name != request.task) continue;
    const base::Result<driver::TaskUsage> usage = task->usage();
    if (!usage) continue;
    TaskUse use{.rss_bytes = usage->rss_bytes};
    if (usage->cpu) {
      use.cpu = task->cpu_meter().measure(*usage->cpu, world_.clock.uptime());
      use.throttled_periods = usage->cpu->throttled_periods;
      use.throttled_ns = usage->cpu->throttled_ns;
    }
    add(total, use);
    tasks[name] = json::Object{
        {"ResourceUsage", use_json(use, core_mhz())}, {"Timestamp", now}, {"Pids", json::Object()}};
  }
  co_return json::to_string(json::Object{
      {"ResourceUsage", use_json(total, core_mhz())}, {"Tasks", tasks}, {"Timestamp", now}});
}

io::Task<base::Result<std::string>> NodeService::host_stats() {
  const auto tick_ns = 1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  const auto read = [this](const char* path) {
    return world_.disk.read_file(path).value_or(std::string());
  };
  base::Duration wait(0);
  for (const auto& [name, time] : parse_cpu_times(read("/proc/stat"), tick_ns))
    wait = std::max(wait, meters_[name].begin(time, world_.clock.uptime()));
  if (wait > base::Duration(0)) co_await world_.clock.sleep(wait);
  json::Array processors, disks;
  double used = 0;
  for (const auto& [name, time] : parse_cpu_times(read("/proc/stat"), tick_ns)) {
    const CpuShare share = meters_[name].measure(time, world_.clock.uptime());
    processors.push_back(host_cpu(name, share));
    used += share.all();
  }
  for (const auto& [device, place] : mounted_devices(read("/proc/self/mountinfo")))
    disks.push_back(host_disk(device, place));
  const std::string uptime = read("/proc/uptime");
  const std::int64_t up = base::parse_int(uptime.substr(0, uptime.find('.'))).value_or(0);
  co_return json::to_string(json::Object{{"AllocDirStats", host_disk("", data_dir_)},
                                         {"CPU", std::move(processors)},
                                         {"CPUTicksConsumed", used * core_mhz()},
                                         {"DeviceStats", json::Value()},
                                         {"DiskStats", std::move(disks)},
                                         {"Memory", host_memory(read("/proc/meminfo"))},
                                         {"Timestamp", world_.clock.now().unix_ns},
                                         {"Uptime", up}});
}

}  // namespace caravan::client
