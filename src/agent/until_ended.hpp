// SPDX-License-Identifier: Apache-2.0
// A program's life: one task on the main lane, and the threads until it has ended.
#pragma once

#include <string>

#include "io/linux/disk.hpp"
#include "io/linux/executor.hpp"
#include "io/task.hpp"

namespace caravan::agent {

/// Returns when `life` has ended and every thread with it: the exit code, 0 or 1. `life` gives
/// whether it went well.
int run_until_ended(io::linux_world::Executor& executor, io::linux_world::Disk& disk,
                    io::Task<bool> life);
/// Says on stderr why a program does not start. Returns the exit code.
int refuse(const std::string& why);

}  // namespace caravan::agent
