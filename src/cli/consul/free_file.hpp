// SPDX-License-Identifier: Apache-2.0
// Files of any content, HCL or JSON, as one value: blocks are lists of objects.
#pragma once

#include <string>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::cli::consul {

/// `path`: a file, or "-" for standard input. Errors: io; invalid, with file:line:column.
base::Result<json::Value> read_free_file(const std::string& path);

}  // namespace caravan::cli::consul
