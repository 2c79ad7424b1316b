// SPDX-License-Identifier: Apache-2.0
// Value to text, in the exact form the public API uses: no HTML escaping, no trailing newline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/value.hpp"

namespace caravan::json {

/// Appends JSON to a string. The caller keeps the grammar: begin/end pairs, a key before each
/// member.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);
  void null();
  void boolean(bool b);
  void number(std::int64_t n);
  void number(std::uint64_t n);
  /// Shortest form that reads back the same; integral values without a fraction, as Go prints them.
  void number(double d);
  void string(std::string_view text);
  void value(const Value& value);

 private:
  void separate();

  std::string& out_;
  bool first_ = true;  // nothing written yet at this level
  bool after_key_ = false;
};

std::string to_string(const Value& value);
/// Indented by `indent` spaces per level.
std::string to_pretty(const Value& value, int indent = 4);
/// Re-indents a compact document that this writer made.
std::string prettify(std::string_view compact, int indent = 4);

}  // namespace caravan::json
