// SPDX-License-Identifier: Apache-2.0
// YAML out, for toYAML. Reading takes the part of YAML that is JSON.
#pragma once

#include <string>

#include "json/value.hpp"

namespace caravan::expr {

/// Block style; strings are quoted only where they would mean something else.
std::string write_yaml(const json::Value& value);

}  // namespace caravan::expr
