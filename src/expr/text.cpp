// SPDX-License-Identifier: Apache-2.0
#include "expr/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::expr {
namespace {

std::optional<json::Value> parse_integer(std::string digits, bool negative) {
  int radix = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char mark = static_cast<char>(digits[1] | 32);
    radix = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    digits.erase(0, mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
  }
  std::uint64_t n = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, n, radix);
  if (digits.empty() || read.ec != std::errc() || read.ptr != end || n > INT64_MAX)
    return std::nullopt;
  const auto magnitude = static_cast<std::int64_t>(n);
  return json::Value(negative ? -magnitude : magnitude);
}

std::optional<std::uint32_t> digits_of(std::string_view text, std::size_t count, int radix) {
  if (text.size() < count) return std::nullopt;
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int digit = base::hex_value(text[i]);
    if (digit < 0 || digit >= radix) return std::nullopt;
    n = n * static_cast<std::uint32_t>(radix) + static_cast<std::uint32_t>(digit);
  }
  return n;
}

}  // namespace

std::optional<json::Value> parse_go_number(std::string_view text) {
  std::string digits(text);
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.erase(0, 1);
  std::erase(digits, '_');
  const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
  if (hexadecimal || digits.find_first_of(".eE") == std::string::npos)
    return parse_integer(digits, negative);
  double d = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, d);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return json::Value(negative ? -d : d);
}

base::Result<std::string> go_unquote(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] != '\\') {
      out += text[0];
      text.remove_prefix(1);
      continue;
    }
    const char c = text.size() > 1 ? text[1] : '\0';
    constexpr std::string_view names = "abfnrtv\\'\"";
    constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\'\"";
    if (const std::size_t at = names.find(c); c != '\0' && at != std::string_view::npos) {
      out += meanings[at];
      text.remove_prefix(2);
      continue;
    }
    const bool octal = c >= '0' && c <= '7';
    const std::size_t count = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : octal ? 3 : 0;
    const std::size_t from = octal ? 1 : 2;
    const auto code =
        count == 0 ? std::nullopt
                   : digits_of(text.substr(std::min(from, text.size())), count, octal ? 8 : 16);
    const bool byte = c == 'x' || octal;
    if (!code || *code > (byte ? 0xffu : 0x10ffffu) || (!byte && *code >= 0xd800 && *code < 0xe000))
      return base::invalid("bad escape in quoted string");
    if (byte)
      out += static_cast<char>(*code);
    else
      append_utf8(out, *code);
    text.remove_prefix(from + count);
  }
  return out;
}

std::string go_quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    constexpr std::string_view plain = "\a\b\f\n\r\t\v\\\"";
    constexpr std::string_view names = "abfnrtv\\\"";
    const std::size_t at = plain.find(c);
    if (at != std::string_view::npos)
      out += std::string("\\") + names[at];
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + "\"";
}

std::size_t code_point_size(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
  return end - at;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

std::optional<char32_t> single_code_point(std::string_view text) {
  if (text.empty() || text.size() > 4 || code_point_size(text, 0) != text.size())
    return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() == 1) return byte(0);
  char32_t c = byte(0) & (0xffu >> (text.size() + 1));
  for (std::size_t i = 1; i < text.size(); ++i) c = c << 6 | (byte(i) & 0x3f);
  return c;
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr unsigned char heads[] = {0, 0xc0, 0xe0, 0xf0};
  out += static_cast<char>(heads[more] | c >> (6 * more));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (c >> (6 * i) & 0x3f));
}

std::string go_double(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d > 0 ? "+Inf" : "-Inf";
  if (d == 0) return "0";
  char buffer[64];
  const int exponent = static_cast<int>(std::floor(std::log10(std::fabs(d))));
  const auto format =
      exponent < -4 || exponent >= 6 ? std::chars_format::scientific : std::chars_format::fixed;
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, d, format);
  return {buffer, written.ptr};
}

std::string go_print(const json::Value& value) {
  if (value.is_null()) return "<nil>";
  if (const bool* b = value.as_bool()) return *b ? "true" : "false";
  if (const std::int64_t* n = value.as_int()) return std::to_string(*n);
  if (const double* d = value.as_double()) return go_double(*d);
  if (const std::string* text = value.as_string()) return *text;
  std::string out;
  if (const json::Array* array = value.as_array()) {
    for (const json::Value& item : *array) out += (out.empty() ? "" : " ") + go_print(item);
    return "[" + out + "]";
  }
  std::vector<const json::Member*> sorted;
  for (const json::Member& member : *value.as_object()) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->name < b->name; });
  for (const json::Member* member : sorted)
    out += (out.empty() ? "" : " ") + member->name + ":" + go_print(member->value);
  return "map[" + out + "]";
}

}  // namespace caravan::expr
