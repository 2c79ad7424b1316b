// SPDX-License-Identifier: Apache-2.0
// What a container uses, from the cgroup of its first process: the engine's own statistics take it
// a second to gather.
#pragma once

#include "driver/driver.hpp"
#include "io/disk.hpp"

namespace caravan::driver::docker {

/// Where a process's memory is counted, from its /proc/PID/cgroup; "" when that names none.
std::string memory_stat_path(std::string_view cgroups);

/// Errors: not_found (it has ended), io.
base::Result<TaskUsage> read_usage(io::Disk& disk, int pid);

}  // namespace caravan::driver::docker
