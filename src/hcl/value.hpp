// SPDX-License-Identifier: Apache-2.0
// A value of the language. Immutable and shared: copying one is cheap however large it is, which is
// also why each knows its weight (what it would take written out) and its depth.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "hcl/number.hpp"
#include "json/value.hpp"

namespace caravan::hcl {

class Value {
 public:
  using List = std::vector<Value>;
  using Map = std::map<std::string, Value, std::less<>>;  // iterated in key order, always
  enum class Kind { null, boolean, number, string, list, map };

  Value() = default;  // null
  Value(bool b) : data_(b) {}
  Value(int n) : data_(Number(n)) {}
  Value(std::int64_t n) : data_(Number(n)) {}
  Value(Number n) : data_(std::move(n)) {}
  Value(std::string text);
  Value(std::string_view text) : Value(std::string(text)) {}
  Value(const char* text) : Value(std::string(text)) {}
  static Value list(List items);
  /// Sorted, without duplicates.
  static Value set(List items);
  static Value map(Map members);

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_null() const { return kind() == Kind::null; }
  bool is_set() const;
  bool is_primitive() const;  // bool, number or string
  const bool* as_bool() const { return std::get_if<bool>(&data_); }
  const Number* as_number() const { return std::get_if<Number>(&data_); }
  const std::string* as_string() const;
  const List* as_list() const;  // sets too
  const Map* as_map() const;
  /// "null", "bool", "number", "string", "tuple", "set" or "object": for messages.
  std::string_view kind_name() const;

  /// Bytes written out, about; shared parts count each time.
  std::uint64_t weight() const;
  int depth() const;
  /// Past `value_weight_max`, `depth_max` or `members_max`: the evaluator refuses to go on with it.
  bool oversized() const;

  /// Integers stay integers; other numbers become doubles. Sets become arrays.
  json::Value to_json() const;
  static Value from_json(const json::Value& value);

  /// Types matter: 1 is not "1".
  friend bool operator==(const Value& a, const Value& b);
  /// An order over all values, by kind first; for sets and sort().
  friend bool operator<(const Value& a, const Value& b);

 private:
  struct Text;
  struct Items;
  struct Members;
  std::variant<std::monostate, bool, Number, std::shared_ptr<const Text>,
               std::shared_ptr<const Items>, std::shared_ptr<const Members>>
      data_;
};

// The conversions the language does by itself. Errors: invalid, "a number is required" and such.
base::Result<std::string> to_text(const Value& value);
base::Result<Number> to_number(const Value& value);
base::Result<bool> to_bool(const Value& value);

}  // namespace caravan::hcl
