// SPDX-License-Identifier: Apache-2.0
// Small files in HCL or JSON that describe one thing, such as a node pool, as the API's object.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::cli {

/// How a name in the file is called in the API. A block has members of its own, or, with none, any.
struct SpecKey {
  std::string name, member;
  bool is_block = false;
  std::vector<SpecKey> inside = {};
  bool repeats = false;  // each block is one more element of an array
};

/// Reads the file at `path`, "-" for standard input. `block`: the labelled block that holds it all,
/// whose label becomes "Name"; "" when the file has the members at its top.
/// Errors: io, invalid (with file, line and column).
base::Result<json::Object> read_spec(const std::string& path, const std::string& block,
                                     const std::vector<SpecKey>& keys);

}  // namespace caravan::cli
