// SPDX-License-Identifier: Apache-2.0
// Go's way to say how a time looks: by how it would write Mon Jan 2 15:04:05 MST 2006.
#pragma once

#include <string>
#include <string_view>

#include "base/time.hpp"

namespace caravan::expr {

/// In UTC.
std::string format_go_time(base::Instant instant, std::string_view layout);

}  // namespace caravan::expr
