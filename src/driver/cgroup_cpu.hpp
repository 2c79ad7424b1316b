// SPDX-License-Identifier: Apache-2.0
// What the processes of a control group have had of processors.
#pragma once

#include "driver/driver.hpp"
#include "io/disk.hpp"

namespace caravan::driver {

/// `path`: the group, as in /proc/PID/cgroup ("/caravan/x"); of the unified hierarchy or not.
/// Nothing when it is not counted.
std::optional<CpuTime> cpu_of_cgroup(io::Disk& disk, std::string_view path, bool is_unified);

/// From cpu.stat: lines of a name and a number, times in microseconds (unified) or nanoseconds.
/// Pure.
CpuTime parse_cpu_stat(std::string_view text);

}  // namespace caravan::driver
