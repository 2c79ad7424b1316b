// SPDX-License-Identifier: Apache-2.0
// Text the way Go sees it: literals, code points, and how values look when printed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::expr {

/// Decimal, 0x, 0o, 0b and leading-zero integers with `_`, and floating-point numbers.
std::optional<json::Value> parse_go_number(std::string_view text);
/// The inside of a Go string literal with its escapes undone.
base::Result<std::string> go_unquote(std::string_view inside);
/// A string as Go's %q writes it.
std::string go_quote(std::string_view text);
std::optional<char32_t> single_code_point(std::string_view text);
void append_utf8(std::string& out, char32_t code_point);
/// Bytes of the code point that begins at `at`; 1 for broken text.
std::size_t code_point_size(std::string_view text, std::size_t at);
std::size_t count_code_points(std::string_view text);

/// A double as Go's %v: shortest, with an exponent below 1e-4 and from 1e6 on.
std::string go_double(double d);
/// Any value as Go's %v: `[a b]`, `map[k:v]`, `<nil>`.
std::string go_print(const json::Value& value);

}  // namespace caravan::expr
