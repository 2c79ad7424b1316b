// SPDX-License-Identifier: Apache-2.0
// YAML for yamldecode and yamlencode.
#pragma once

#include <string>

#include "base/result.hpp"
#include "hcl/value.hpp"

namespace caravan::hcl {

/// One document. Plain scalars become null, bools and numbers as YAML 1.2 says (and no `yes`).
/// Aliases are followed, and count each time towards `elements_max`. Errors: invalid.
base::Result<Value> read_yaml(const std::string& text);

/// Block style, strings in double quotes, keys in order.
std::string write_yaml(const Value& value);

}  // namespace caravan::hcl
