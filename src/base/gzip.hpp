// SPDX-License-Identifier: Apache-2.0
// gzip in one piece, by zlib.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace caravan::base {

std::string gzip(std::string_view bytes);
/// Errors: invalid; too_large when more than `limit` bytes come out (a bomb).
Result<std::string> gunzip(std::string_view bytes, std::size_t limit);

}  // namespace caravan::base
