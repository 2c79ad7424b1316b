// SPDX-License-Identifier: Apache-2.0
// Plain files in one, in the form of POSIX (ustar). Names up to 100 bytes, no folders.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace caravan::consensus {

using Files = std::map<std::string, std::string>;  // content by name

/// `time_s`: of each file, in seconds of the Unix epoch.
std::string to_tar(const Files& files, std::int64_t time_s);
/// Errors: invalid (damaged, cut off, or something that is not a plain file).
base::Result<Files> from_tar(std::string_view bytes);

}  // namespace caravan::consensus
