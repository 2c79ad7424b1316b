// SPDX-License-Identifier: Apache-2.0
// `-t`: a Go template over an answer.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::cli {

/// Errors: invalid, with the place in the template.
base::Result<std::string> render_template(std::string_view pattern, const json::Value& value);

}  // namespace caravan::cli
