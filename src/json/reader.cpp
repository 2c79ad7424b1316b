// SPDX-License-Identifier: Apache-2.0
#include "json/reader.hpp"

#include <cmath>

#include <fmt/core.h>
#include <simdjson.h>

#include "base/text.hpp"

namespace caravan::json {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

Value convert(const element& e) {
  switch (e.type()) {
    case element_type::ARRAY: {
      Array array;
      for (element item : simdjson::dom::array(e))
        array.push_back(convert(item));
      return array;
    }
    case element_type::OBJECT: {
      std::vector<Member> members;
      for (auto field : simdjson::dom::object(e))
        members.push_back({std::string(field.key), convert(field.value)});
      return Object(std::move(members));
    }
    case element_type::INT64:
      return std::int64_t(e);
    case element_type::UINT64:
      return std::uint64_t(e);
    case element_type::DOUBLE:
      return double(e);
    case element_type::STRING:
      return std::string(std::string_view(e));
    case element_type::BOOL:
      return bool(e);
    case element_type::NULL_VALUE:
      return {};
  }
  return {};
}

/// simdjson's DOM does not say where it stopped, so the first offending place is looked for with
/// the smallest walk that finds bracket, string and truncation mistakes; else the end of the text.
std::string position(std::string_view text) {
  std::string open;
  bool in_string = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\')
        ++at;
      else if (c == '"')
        in_string = false;
      else if (static_cast<unsigned char>(c) < 0x20)
        break;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      open += c == '{' ? '}' : ']';
    } else if (c == '}' || c == ']') {
      if (open.empty() || open.back() != c) break;
      open.pop_back();
    }
  }
  at = std::min(at, text.size());
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  return fmt::format("{}:{}", line, at - (start == std::string_view::npos ? 0 : start + 1) + 1);
}

}  // namespace

base::Result<Value> parse(std::string_view text) {
  if (base::trim(text).empty()) return base::invalid("1:1: empty document, expected JSON");
  simdjson::dom::parser parser;
  if (parser.allocate(text.size() + 1, depth_max) != simdjson::SUCCESS)
    return base::fail(base::Code::too_large, "JSON document too large to parse");
  const auto parsed = parser.parse(text.data(), text.size());
  if (parsed.error() == simdjson::DEPTH_ERROR)
    return base::invalid(fmt::format("JSON nested deeper than {} levels", depth_max));
  if (parsed.error() != simdjson::SUCCESS)
    return base::invalid(
        fmt::format("{}: {}", position(text), simdjson::error_message(parsed.error())));
  return convert(parsed.value_unsafe());
}

}  // namespace caravan::json
