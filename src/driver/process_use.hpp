// SPDX-License-Identifier: Apache-2.0
// What a process and all that it has started use, of tasks that have no control group.
#pragma once

#include "driver/driver.hpp"
#include "io/disk.hpp"

namespace caravan::driver {

/// From a line of /proc/PID/stat: its own use, and that of children that have ended. `tick_ns` and
/// `page_bytes`: what the kernel counts in. Pure. Nothing when it is no such line.
std::optional<TaskUsage> parse_process_stat(std::string_view line, std::uint64_t tick_ns,
                                            std::uint64_t page_bytes);

/// Errors: not_found (it has ended).
base::Result<TaskUsage> read_process_use(io::Disk& disk, int pid);

}  // namespace caravan::driver
