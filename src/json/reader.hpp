// SPDX-License-Identifier: Apache-2.0
// Text to value. simdjson does the parsing; what is added is our limits and a position in the
// error.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::json {

/// Deeper nesting is refused: no job, policy or answer needs it, and recursion must end.
inline constexpr std::size_t depth_max = 64;

/// Reads one JSON document. Numbers beyond 64-bit integers are read as doubles; 1e999 is refused.
/// Errors: invalid, "line:column: what is wrong".
base::Result<Value> parse(std::string_view text);

}  // namespace caravan::json
