// SPDX-License-Identifier: Apache-2.0
// Small questions about text that several chapters ask.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace caravan::base {

std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
/// Without leading and trailing spaces, tabs and line ends.
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
/// "\r\n" and control bytes replaced, cut to `limit` bytes: safe inside an error message or a log.
std::string printable(std::string_view text, std::size_t limit);
bool is_utf8(std::string_view text);

/// Value of one hex digit, -1 when it is none.
int hex_value(char digit);
std::string to_hex(std::string_view bytes);
std::string base64_encode(std::string_view bytes);
/// Standard alphabet, padding required. Errors: invalid.
Result<std::string> base64_decode(std::string_view text);
/// The URL alphabet without padding, as JWTs use it.
std::string base64url_encode(std::string_view bytes);
/// Percent decoding of one URL path segment or query value; `plus` turns '+' into a space.
Result<std::string> percent_decode(std::string_view text, bool plus = false);
std::string percent_encode(std::string_view text);

/// The candidate nearest to `word` by edit distance when it is near enough to be a slip, else "".
/// For "unknown key" messages.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// Whether `text` matches `pattern`, in which '*' stands for any run of characters.
bool glob_match(std::string_view pattern, std::string_view text);

/// Decimal integer without sign games or trailing characters. Errors: invalid.
Result<long long> parse_int(std::string_view text);

}  // namespace caravan::base
