// SPDX-License-Identifier: Apache-2.0
// A JSON value as data: what job `config` blocks, policies and answers of others are made of.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace caravan::json {

class Value;
using Array = std::vector<Value>;
struct Member;  // {name, value}

/// Members in the order they were written; of duplicate names the last one wins, as the peers do.
class Object {
 public:
  Object();
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();
  Object(std::initializer_list<Member> members);
  /// Of duplicate names the last one wins, in time that grows with the number of members only a
  /// little more than linearly: what strangers send may have very many.
  explicit Object(std::vector<Member> members);

  /// The member, or null when there is none.
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  /// The member, made null first when there is none.
  Value& operator[](std::string_view name);
  void erase(std::string_view name);
  /// The member's text; empty when there is none, and when it is something else.
  std::string text_at(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  bool empty() const { return begin() == end(); }
  std::size_t size() const;
  const Member* begin() const;
  const Member* end() const;
  Member* begin();
  Member* end();
  friend bool operator==(const Object& a, const Object& b);

 private:
  std::vector<Member> members_;
};

/// Integers and fractions are kept apart: an index of 2^60 must not pass through a double. Integers
/// from 2^63 to 2^64-1 are seen as doubles by all but as_unsigned() and the writer.
class Value {
 public:
  // In value.cpp, so that not every file that passes one on compiles them.
  Value();
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();
  Value(std::nullptr_t) {}
  Value(bool b) : data_(b) {}
  Value(int n) : data_(std::int64_t{n}) {}
  Value(unsigned n) : data_(std::int64_t{n}) {}
  Value(std::int64_t n) : data_(n) {}
  Value(long long n) : data_(std::int64_t{n}) {}
  Value(std::uint64_t n);
  Value(double d) : data_(d) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(Array a) : data_(std::move(a)) {}
  Value(Object o) : data_(std::move(o)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  const bool* as_bool() const { return std::get_if<bool>(&data_); }
  const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&data_); }
  const double* as_double() const {
    const Large* large = std::get_if<Large>(&data_);
    return large ? &large->rounded : std::get_if<double>(&data_);
  }
  /// An integer that is not negative.
  std::optional<std::uint64_t> as_unsigned() const;
  const std::string* as_string() const { return std::get_if<std::string>(&data_); }
  const Array* as_array() const { return std::get_if<Array>(&data_); }
  const Object* as_object() const { return std::get_if<Object>(&data_); }
  std::string* as_string() { return std::get_if<std::string>(&data_); }
  Array* as_array() { return std::get_if<Array>(&data_); }
  Object* as_object() { return std::get_if<Object>(&data_); }
  bool is_number() const { return as_int() || as_double(); }
  /// Any number as a double; 0 for what is none.
  double number() const;

  /// Member of an object, or a null value: `v.at("Job").at("ID")` never throws.
  const Value& at(std::string_view name) const;
  /// The text of a member; empty when there is none, and when it is something else.
  std::string text_at(std::string_view name) const;
  /// "null", "a bool", "a number", "a string", "an array" or "an object": for messages.
  std::string_view kind() const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  struct Large {  // beyond 2^63-1
    std::uint64_t exact;
    double rounded;
    friend bool operator==(const Large&, const Large&) = default;
  };
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object, Large> data_;
};

struct Member {
  std::string name;
  Value value;
  friend bool operator==(const Member&, const Member&) = default;
};

inline bool operator==(const Object& a, const Object& b) { return a.members_ == b.members_; }

}  // namespace caravan::json
