// SPDX-License-Identifier: Apache-2.0
#include "json/writer.hpp"

#include <cmath>

#include <fmt/core.h>

namespace caravan::json {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        else
          out += c;
    }
  }
  out += '"';
}

}  // namespace

void Writer::separate() {
  if (after_key_)
    after_key_ = false;
  else if (!first_)
    out_ += ',';
  first_ = false;
}

void Writer::begin_object() {
  separate();
  out_ += '{';
  first_ = true;
}
void Writer::end_object() {
  out_ += '}';
  first_ = false;
}
void Writer::begin_array() {
  separate();
  out_ += '[';
  first_ = true;
}
void Writer::end_array() {
  out_ += ']';
  first_ = false;
}
void Writer::key(std::string_view name) {
  separate();
  append_escaped(out_, name);
  out_ += ':';
  after_key_ = true;
}
void Writer::null() {
  separate();
  out_ += "null";
}
void Writer::boolean(bool b) {
  separate();
  out_ += b ? "true" : "false";
}
void Writer::number(std::int64_t n) {
  separate();
  out_ += fmt::format("{}", n);
}
void Writer::number(std::uint64_t n) {
  separate();
  out_ += fmt::format("{}", n);
}
void Writer::number(double d) {
  separate();
  if (!std::isfinite(d))
    out_ += "null";
  else if (d == std::floor(d) && std::abs(d) < 1e15)
    out_ += fmt::format("{:.0f}", d);
  else
    out_ += fmt::format("{}", d);
}
void Writer::string(std::string_view text) {
  separate();
  append_escaped(out_, text);
}

void Writer::value(const Value& v) {
  if (const bool* b = v.as_bool()) return boolean(*b);
  if (const std::int64_t* n = v.as_int()) return number(*n);
  if (const auto n = v.as_unsigned()) return number(*n);
  if (const double* d = v.as_double()) return number(*d);
  if (const std::string* s = v.as_string()) return string(*s);
  if (const Array* array = v.as_array()) {
    begin_array();
    for (const Value& item : *array)
      value(item);
    return end_array();
  }
  if (const Object* object = v.as_object()) {
    begin_object();
    for (const Member& member : *object) {
      key(member.name);
      value(member.value);
    }
    return end_object();
  }
  null();
}

std::string to_string(const Value& value) {
  std::string out;
  Writer(out).value(value);
  return out;
}

std::string to_pretty(const Value& value, int indent) { return prettify(to_string(value), indent); }

std::string prettify(std::string_view compact, int indent) {
  std::string out;
  int depth = 0;
  bool in_string = false;
  const auto newline = [&] {
    out += '\n';
    out.append(static_cast<std::size_t>(depth * indent), ' ');
  };
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    if (in_string) {
      out += c;
      if (c == '\\')
        out += compact[++i];
      else if (c == '"')
        in_string = false;
      continue;
    }
    const bool opens = c == '{' || c == '[', closes = c == '}' || c == ']';
    if (closes) --depth;
    if (closes && out.back() != '{' && out.back() != '[') newline();
    out += c;
    if (c == '"') in_string = true;
    if (c == ':') out += ' ';
    if (c == ',') newline();
    const bool empties =
        opens && i + 1 < compact.size() && (compact[i + 1] == '}' || compact[i + 1] == ']');
    if (opens) ++depth;
    if (opens && !empties) newline();
  }
  return out;
}

}  // namespace caravan::json
