// SPDX-License-Identifier: Apache-2.0
// What a machine uses: processors, memory, disks. Pure but for host_disk().
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/cpu_meter.hpp"
#include "json/value.hpp"

namespace caravan::client {

/// One by one, by name ("cpu0"), in the order of /proc/stat, whose ticks last `tick_ns`. What waits
/// for a disk is idle.
std::vector<std::pair<std::string, driver::CpuTime>> parse_cpu_times(std::string_view proc_stat,
                                                                     std::uint64_t tick_ns);

/// `Total`, `Available`, `Used` and `Free` in bytes, from /proc/meminfo.
json::Object host_memory(std::string_view meminfo);

/// `CPU`, `User`, `System`, `Idle` and `Total` in percent.
json::Object host_cpu(const std::string& name, const CpuShare& share);

/// `Device`, `Mountpoint`, `Size`, `Used`, `Available`, `UsedPercent`, `InodesUsedPercent` of the
/// file system of a folder.
json::Object host_disk(const std::string& device, const std::string& folder);

/// The devices of /proc/self/mountinfo with the place where each was mounted first.
std::map<std::string, std::string> mounted_devices(std::string_view mountinfo);

}  // namespace caravan::client
