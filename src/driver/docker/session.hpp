// SPDX-License-Identifier: Apache-2.0
// A command beside a task, in its container: the engine's exec, joined with the user who asked.
#pragma once

#include "driver/docker/api.hpp"
#include "driver/driver.hpp"

namespace caravan::driver::docker {

/// Runs the command until it ends or the user hangs up; then it is killed. Returns its exit code.
/// Errors: invalid, io, unavailable (the user is gone).
io::Task<base::Result<int>> run_in_container(Api& api, std::string container, const ExecSpec& what,
                                             ExecPipe& pipe);

}  // namespace caravan::driver::docker
