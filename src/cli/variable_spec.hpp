// SPDX-License-Identifier: Apache-2.0
// The words behind `var put` and `var lock`: a path, a file that describes the variable, items.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::cli {

struct VariableSpec {
  json::Object body;  // as the API takes it
  std::string path;
  long long index = 0;    // that the file names
  std::size_t words = 0;  // that were taken
};

/// Takes the words at the front: "@FILE", "-" for standard input, or a path that one of those may
/// follow. Errors: invalid, io.
base::Result<VariableSpec> read_variable_spec(const std::vector<std::string>& words);

}  // namespace caravan::cli
