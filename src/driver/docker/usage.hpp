// SPDX-License-Identifier: Apache-2.0
// What a container uses, from the cgroup of its first process: the engine's own statistics take it
// a second to gather.
#pragma once

#include "driver/driver.hpp"
#include "io/disk.hpp"

namespace caravan::driver::docker {

/// The groups of a process.
struct CgroupPaths {
  std::string memory_stat;  // the file in which its memory is counted; "" when there is none
  std::string cpu;          // the group in which its processors are counted, and
  bool is_cpu_unified = false;  // whether that is one of the unified hierarchy
};

/// From /proc/PID/cgroup. Pure.
CgroupPaths cgroup_paths(std::string_view cgroups);

/// Errors: not_found (it has ended), io.
base::Result<TaskUsage> read_usage(io::Disk& disk, int pid);

}  // namespace caravan::driver::docker
