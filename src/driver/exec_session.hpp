// SPDX-License-Identifier: Apache-2.0
// Joins a program beside a task with the user who asked for it.
#pragma once

#include "driver/driver.hpp"
#include "io/world.hpp"

namespace caravan::driver {

/// Runs the program until it ends, or the user hangs up: then it is killed. Returns its exit code.
/// Errors: io, unavailable (the user is gone).
io::Task<base::Result<int>> run_session(io::World& world, io::Program program, bool tty,
                                        ExecPipe& pipe);

}  // namespace caravan::driver
