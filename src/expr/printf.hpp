// SPDX-License-Identifier: Apache-2.0
// Go's Printf over JSON values. Never fails: what does not fit is printed as `%!d(string=x)`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "expr/template_data.hpp"

namespace caravan::expr {

/// Widths and precisions are cut to `printf_width_max`.
inline constexpr std::size_t printf_width_max = 4096;

std::string go_printf(std::string_view format, std::span<const Data> arguments);
/// Blanks between arguments when neither neighbour is a string.
std::string go_sprint(std::span<const Data> arguments);

}  // namespace caravan::expr
