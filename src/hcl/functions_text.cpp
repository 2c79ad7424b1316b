// SPDX-License-Identifier: Apache-2.0
#include <re2/re2.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/functions.hpp"
#include "hcl/limits.hpp"
#include "hcl/utf8.hpp"

namespace caravan::hcl {
namespace {

using base::Result;

base::Status check_growth(std::size_t bytes) {
  if (bytes <= value_weight_max) return {};
  return base::fail(base::Code::too_large,
                    fmt::format("the result has over {} bytes", value_weight_max));
}

Result<Value> lower(const Arguments& a) { return Value(utf8_lower(a.text(0))); }
Result<Value> upper(const Arguments& a) { return Value(utf8_upper(a.text(0))); }

Result<Value> title(const Arguments& a) {
  std::string out;
  bool begins = true;
  for (const std::string_view point : CodePoints(a.text(0))) {
    const bool letter = point.size() > 1 || std::isalnum(static_cast<unsigned char>(point[0])) ||
                        point[0] == '_' || point[0] == '\'';
    out += begins && letter ? utf8_upper(point) : std::string(point);
    begins = !letter;
  }
  return Value(std::move(out));
}

Result<Value> strlen(const Arguments& a) {
  return Value(static_cast<std::int64_t>(CodePoints(a.text(0)).count()));
}

Result<Value> reverse(const Arguments& a) {
  if (a[0].as_list()) {
    Value::List items = a.list(0);
    std::reverse(items.begin(), items.end());
    return Value::list(std::move(items));
  }
  TRY(const std::string text, to_text(a[0]));
  std::string out;
  out.reserve(text.size());
  for (std::size_t end = text.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) --begin;
    out.append(text, begin, end - begin);
    end = begin;
  }
  return Value(std::move(out));
}

Result<Value> substr(const Arguments& a) {
  std::vector<std::string_view> points;
  for (const std::string_view point : CodePoints(a.text(0))) points.push_back(point);
  const auto size = static_cast<std::int64_t>(points.size());
  std::int64_t offset = a.integer(1);
  const std::int64_t length = a.integer(2);
  if (offset < 0) offset = std::max<std::int64_t>(0, size + std::max(offset, -size));
  if (offset >= size) return Value("");
  const std::int64_t end = length < 0 || length > size - offset ? size : offset + length;
  std::string out;
  for (std::int64_t i = offset; i < end; ++i) out += points[static_cast<std::size_t>(i)];
  return Value(std::move(out));
}

/// Strips from both ends while `is_dropped` says so.
template <class Predicate>
std::string_view strip(std::string_view text, Predicate is_dropped) {
  while (true) {
    const std::size_t point = CodePoints::size_at(text, 0);
    if (text.empty() || !is_dropped(text.substr(0, point))) break;
    text.remove_prefix(point);
  }
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) --begin;
    if (!is_dropped(text.substr(begin))) break;
    text.remove_suffix(text.size() - begin);
  }
  return text;
}

Result<Value> trim(const Arguments& a) {
  const std::string& set = a.text(1);
  return Value(strip(a.text(0),
                     [&](std::string_view point) { return set.find(point) != std::string::npos; }));
}

Result<Value> trimspace(const Arguments& a) {
  return Value(strip(a.text(0), [](std::string_view point) {
    return point.find_first_of(" \t\n\v\f\r") == 0 || point == "\xc2\x85" || point == "\xc2\xa0";
  }));
}

Result<Value> trimprefix(const Arguments& a) {
  std::string_view text = a.text(0);
  if (text.starts_with(a.text(1))) text.remove_prefix(a.text(1).size());
  return Value(text);
}

Result<Value> trimsuffix(const Arguments& a) {
  std::string_view text = a.text(0);
  if (text.ends_with(a.text(1))) text.remove_suffix(a.text(1).size());
  return Value(text);
}

Result<Value> chomp(const Arguments& a) {
  std::string_view text = a.text(0);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return Value(text);
}

Result<Value> indent(const Arguments& a) {
  const std::int64_t spaces = a.integer(0);
  const std::string& text = a.text(1);
  if (spaces < 0) return base::invalid("the number of spaces must not be negative");
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (spaces > static_cast<std::int64_t>(value_weight_max))
    return std::unexpected(check_growth(value_weight_max + 1).error());
  TRY_VOID(check_growth(text.size() + lines * static_cast<std::size_t>(spaces)));
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(static_cast<std::size_t>(spaces), ' ');
  }
  return Value(std::move(out));
}

Result<Value> join(const Arguments& a) {
  std::vector<std::string> parts;
  std::size_t bytes = 0;
  for (std::size_t i = 1; i < a.size(); ++i)
    for (const Value& item : a.list(i)) {
      TRY(std::string text, to_text(item));
      bytes += text.size() + a.text(0).size();
      TRY_VOID(check_growth(bytes));
      parts.push_back(std::move(text));
    }
  return Value(base::join(parts, a.text(0)));
}

Result<Value> split(const Arguments& a) {
  const std::string& separator = a.text(0);
  std::string_view text = a.text(1);
  Value::List items;
  if (separator.empty()) {
    for (const std::string_view point : CodePoints(text)) items.emplace_back(point);
  } else {
    for (std::size_t at; (at = text.find(separator)) != std::string_view::npos;) {
      items.emplace_back(text.substr(0, at));
      text.remove_prefix(at + separator.size());
      if (items.size() > elements_max) return base::invalid("too many parts");
    }
    items.emplace_back(text);
  }
  return Value::list(std::move(items));
}

Result<Value> replace(const Arguments& a) {
  const std::string& what = a.text(1);
  if (what.empty()) return base::invalid("the text to replace must not be empty");
  std::string_view left = a.text(0);
  std::string out;
  for (std::size_t at; (at = left.find(what)) != std::string_view::npos;) {
    out += left.substr(0, at);
    out += a.text(2);
    left.remove_prefix(at + what.size());
    TRY_VOID(check_growth(out.size()));
  }
  out += left;
  return Value(std::move(out));
}

Result<Value> regex_replace(const Arguments& a) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 pattern(a.text(1), options);
  if (!pattern.ok()) return base::invalid("invalid regular expression: " + pattern.error());
  // The replacement writes groups as $1 or ${1}; RE2 wants \1.
  std::string rewrite;
  const std::string& with = a.text(2);
  for (std::size_t i = 0; i < with.size(); ++i) {
    const bool braced = with.compare(i, 2, "${") == 0;
    const std::size_t digit = i + (braced ? 2 : 1);
    if (with[i] == '$' && digit < with.size() && with[digit] >= '0' && with[digit] <= '9') {
      rewrite += std::string("\\") + with[digit];
      i = digit + (braced ? 1 : 0);
    } else {
      rewrite += with[i];
      if (with[i] == '\\') rewrite += '\\';
    }
  }
  std::string problem;
  if (!pattern.CheckRewriteString(rewrite, &problem)) return base::invalid(problem);
  std::string text = a.text(0);
  // Worst case: every gap between bytes is a match, each with all of the text put in.
  TRY_VOID(check_growth((text.size() + 1) * (rewrite.size() + 1)));
  RE2::GlobalReplace(&text, pattern, rewrite);
  TRY_VOID(check_growth(text.size()));
  return Value(std::move(text));
}

Result<Value> urlencode(const Arguments& a) {
  std::string out;
  for (const char c : a.text(0)) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' || c == '~';
    if (plain && static_cast<unsigned char>(c) < 0x80)
      out += c;
    else if (c == ' ')
      out += '+';
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return Value(std::move(out));
}

constexpr Function rows[] = {
    {"chomp", "str:s", chomp},
    {"indent", "spaces:i str:s", indent},
    {"join", "separator:s lists:l*", join},
    {"lower", "str:s", lower},
    {"regex_replace", "str:s pattern:s replace:s", regex_replace},
    {"replace", "str:s substr:s replace:s", replace},
    {"reverse", "str:a", reverse},
    {"split", "separator:s str:s", split},
    {"strlen", "str:s", strlen},
    {"strrev", "str:a", reverse},
    {"substr", "str:s offset:i length:i", substr},
    {"title", "str:s", title},
    {"trim", "str:s cutset:s", trim},
    {"trimprefix", "str:s prefix:s", trimprefix},
    {"trimspace", "str:s", trimspace},
    {"trimsuffix", "str:s suffix:s", trimsuffix},
    {"upper", "str:s", upper},
    {"urlencode", "str:s", urlencode},
};

}  // namespace

std::span<const Function> text_functions() { return rows; }

}  // namespace caravan::hcl
