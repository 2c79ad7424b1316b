// SPDX-License-Identifier: Apache-2.0
// Folders for what must not be forgotten.
#pragma once

#include <string>

#include "base/result.hpp"
#include "io/disk.hpp"
#include "io/task_fwd.hpp"

namespace caravan::io {

/// Makes a folder, with all above it, that a power cut does not take away again. Errors: io.
Task<base::Status> make_durable_dirs(Disk& disk, std::string path);

}  // namespace caravan::io
