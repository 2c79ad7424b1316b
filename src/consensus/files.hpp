// SPDX-License-Identifier: Apache-2.0
// What the log and the snapshots both do with folders.
#pragma once

#include <string>

#include "base/result.hpp"
#include "io/disk.hpp"
#include "io/task_fwd.hpp"

namespace caravan::consensus {

/// Makes a folder, with all above it, that a power cut does not take away again.
io::Task<base::Status> make_durable_dirs(io::Disk& disk, std::string path);

std::string parent_of(const std::string& path);

}  // namespace caravan::consensus
