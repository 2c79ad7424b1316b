// SPDX-License-Identifier: Apache-2.0
// Time zones by name, from the system's files.
#pragma once

#include "base/time_zone.hpp"
#include "io/disk.hpp"

namespace caravan::io {

/// "" and "UTC" need no file. Errors: invalid (unknown or damaged, by name).
base::Result<base::TimeZone> load_time_zone(Disk& disk, const std::string& name);

}  // namespace caravan::io
