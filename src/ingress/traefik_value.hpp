// SPDX-License-Identifier: Apache-2.0
// What stands behind the '=' of a label.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace caravan::ingress {

/// "a, b,,c" is a, b and c.
std::vector<std::string> listed(const std::string& text);
/// Errors: invalid (neither true nor false), in the name of `what`.
base::Result<bool> truth(const std::string& text, std::string_view what);

}  // namespace caravan::ingress
