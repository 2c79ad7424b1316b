// SPDX-License-Identifier: Apache-2.0
#include "expr/yaml.hpp"

#include "base/text.hpp"
#include "expr/text.hpp"
#include "json/writer.hpp"

namespace caravan::expr {
namespace {

/// Whether a plain scalar would be read back as this very string.
bool is_plain(const std::string& text) {
  if (text.empty() || base::trim(text).size() != text.size()) return false;
  if (parse_go_number(text) || text[0] == '.' || text[0] == '+') return false;
  const std::string lower = base::to_lower(text);
  for (const std::string_view word :
       {"null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf"})
    if (lower == word) return false;
  if (std::string_view("-?:,[]{}#&*!|>'\"%@`=").find(text[0]) != std::string_view::npos &&
      !(text[0] == '-' && text.size() > 1 && text[1] != ' '))
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x20) return false;
    if (text[i] == ':' && (i + 1 == text.size() || text[i + 1] == ' ')) return false;
    if (text[i] == '#' && i > 0 && text[i - 1] == ' ') return false;
  }
  return true;
}

std::string scalar(const json::Value& value) {
  if (const std::string* text = value.as_string())
    return is_plain(*text) ? *text : json::to_string(value);
  if (const double* d = value.as_double()) return go_double(*d);
  return json::to_string(value);
}

void write(std::string& out, const json::Value& value, std::size_t indent, bool after_dash) {
  const std::string margin(indent, ' ');
  bool first = true;
  const auto begin_line = [&] {
    if (!first || !after_dash) out += margin;
    first = false;
  };
  const json::Array* array = value.as_array();
  const json::Object* object = value.as_object();
  if (array != nullptr && !array->empty()) {
    for (const json::Value& item : *array) {
      begin_line();
      out += "- ";
      write(out, item, indent + 2, true);
    }
  } else if (object != nullptr && !object->empty()) {
    for (const json::Member& member : *object) {
      begin_line();
      out += scalar(json::Value(member.name)) + ":";
      const bool list = member.value.as_array() && !member.value.as_array()->empty();
      const bool map = member.value.as_object() && !member.value.as_object()->empty();
      out += list || map ? "\n" : " ";
      write(out, member.value, list ? indent : map ? indent + 2 : 0, !list && !map);
    }
  } else {
    out += array ? "[]" : object ? "{}" : scalar(value);
    out += "\n";
  }
}

}  // namespace

std::string write_yaml(const json::Value& value) {
  std::string out;
  write(out, value, 0, false);
  return out;
}

}  // namespace caravan::expr
