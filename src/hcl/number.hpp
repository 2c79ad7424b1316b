// SPDX-License-Identifier: Apache-2.0
// The language has one kind of number: decimal, and exact for what people write (0.1 + 0.2 is 0.3).
// Most are small integers, so those need no allocation and no big arithmetic.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace caravan::hcl {

class Number {
 public:
  Number() = default;
  Number(std::int64_t n) : small_(n) {}  // NOLINT: integers are numbers

  /// Reads `-12`, `1.5`, `2e-7`. Errors: invalid; too_large past `number_exponent_max`.
  static base::Result<Number> parse(std::string_view text);
  /// Errors: invalid for infinities and NaN.
  static base::Result<Number> from_double(double d);
  /// Reads digits of any base 2..62 as parseint() does. Errors: invalid.
  static base::Result<Number> parse_int(std::string_view text, int radix);

  std::optional<std::int64_t> as_int() const;  // when integral and in range
  double as_double() const;
  bool is_integer() const;
  int sign() const;  // -1, 0, 1
  /// All digits, no exponent.
  std::string to_string() const;

  Number negate() const;
  Number floor() const;
  Number ceil() const;
  /// `op` is one of + - * / %. The remainder has the sign of the dividend.
  /// Errors: invalid on division by zero, too_large.
  static base::Result<Number> arithmetic(char op, const Number& a, const Number& b);

  friend std::strong_ordering operator<=>(const Number& a, const Number& b);
  friend bool operator==(const Number& a, const Number& b) { return (a <=> b) == 0; }

 private:
  struct Big;
  static base::Result<Number> from_big(Big big);
  Big to_big() const;

  std::int64_t small_ = 0;
  std::shared_ptr<const Big> big_;  // set exactly when the value is no 64-bit integer
};

}  // namespace caravan::hcl
