// SPDX-License-Identifier: Apache-2.0
#include "hcl/number.hpp"

#include <cmath>

#include <boost/multiprecision/cpp_dec_float.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/limits.hpp"

namespace caravan::hcl {
namespace {

namespace mp = boost::multiprecision;
constexpr int digits = 150;          // as many as the 512 bits that other implementations carry
constexpr int digits_written = 140;  // the last few are rounding
using Decimal = mp::number<mp::cpp_dec_float<digits>, mp::et_off>;

base::Result<void> check_shape(std::string_view text) {
  std::size_t i = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const auto eat_digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - from;
  };
  std::size_t count = eat_digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    count += eat_digits();
  }
  bool good = count > 0;
  if (good && i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    const std::size_t exponent_digits = eat_digits();
    good = exponent_digits > 0;
    if (exponent_digits > 4) return base::fail(base::Code::too_large, "number is too large");
  }
  if (good && i == text.size()) return {};
  return base::invalid("not a number: \"" + base::printable(text, 40) + "\"");
}

}  // namespace

struct Number::Big {
  Decimal value;
};

Number::Big Number::to_big() const { return big_ ? *big_ : Big{Decimal(small_)}; }

base::Result<Number> Number::from_big(Big big) {
  const Decimal& v = big.value;
  if (!mp::isfinite(v)) return base::fail(base::Code::too_large, "number is too large");
  if (v != 0) {
    const auto exponent = v.backend().order();
    if (exponent > number_exponent_max)
      return base::fail(base::Code::too_large, "number is too large");
    if (exponent < -number_exponent_max) return Number(0);
  }
  if (v >= std::numeric_limits<std::int64_t>::min() &&
      v <= std::numeric_limits<std::int64_t>::max() && mp::trunc(v) == v)
    return Number(v.convert_to<std::int64_t>());
  Number made;
  made.big_ = std::make_shared<const Big>(std::move(big));
  return made;
}

base::Result<Number> Number::parse(std::string_view text) {
  TRY_VOID(check_shape(text));
  const bool plain = text.find_first_of(".eE") == std::string_view::npos && text.size() < 18;
  if (plain) {
    TRY(const long long n, base::parse_int(text.starts_with('+') ? text.substr(1) : text));
    return Number(n);
  }
  return from_big(Big{Decimal(std::string(text))});
}

base::Result<Number> Number::from_double(double d) {
  if (!std::isfinite(d)) return base::invalid("not a finite number");
  return parse(fmt::format("{}", d));  // the shortest text, so 0.1 is exactly 0.1
}

base::Result<Number> Number::parse_int(std::string_view text, int radix) {
  const auto refuse = [&] {
    return base::invalid(
        fmt::format("cannot parse \"{}\" as a base {} integer", base::printable(text, 80), radix));
  };
  std::string_view left = text;
  const bool negative = left.starts_with('-');
  if (negative || left.starts_with('+')) left.remove_prefix(1);
  if (left.empty() || left.size() > static_cast<std::size_t>(number_exponent_max)) return refuse();
  Decimal sum = 0;
  for (const char c : left) {
    int digit = radix;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'z') digit = c - 'a' + 10;
    // Up to base 36 the case of a letter means nothing; beyond it, capitals follow.
    if (c >= 'A' && c <= 'Z') digit = c - 'A' + (radix <= 36 ? 10 : 36);
    if (digit >= radix) return refuse();
    sum = sum * radix + digit;
  }
  return from_big(Big{negative ? Decimal(-sum) : sum});
}

std::optional<std::int64_t> Number::as_int() const {
  if (big_) return std::nullopt;
  return small_;
}

double Number::as_double() const {
  return big_ ? big_->value.convert_to<double>() : static_cast<double>(small_);
}

bool Number::is_integer() const { return !big_ || mp::trunc(big_->value) == big_->value; }

int Number::sign() const {
  if (big_) return big_->value.sign();
  return (small_ > 0) - (small_ < 0);
}

std::string Number::to_string() const {
  if (!big_) return std::to_string(small_);
  std::string text = big_->value.str(digits_written, std::ios_base::scientific);
  const bool negative = text.starts_with('-');
  if (negative) text.erase(0, 1);
  const std::size_t e = text.find('e');
  const int exponent = e == std::string::npos ? 0 : std::stoi(text.substr(e + 1));
  std::string all = text.substr(0, e);
  std::erase(all, '.');
  const int whole = exponent + 1;  // digits before the point
  if (whole <= 0) all.insert(0, static_cast<std::size_t>(1 - whole), '0');
  const auto point = static_cast<std::size_t>(std::max(whole, 1));
  if (all.size() < point) all.append(point - all.size(), '0');
  std::string fraction = all.substr(point);
  while (fraction.ends_with('0')) fraction.pop_back();
  return (negative ? "-" : "") + all.substr(0, point) + (fraction.empty() ? "" : "." + fraction);
}

Number Number::negate() const {
  // A bounded number negated is bounded, so from_big cannot fail here or below.
  return *from_big(Big{-to_big().value});
}
Number Number::floor() const { return big_ ? *from_big(Big{mp::floor(big_->value)}) : *this; }
Number Number::ceil() const { return big_ ? *from_big(Big{mp::ceil(big_->value)}) : *this; }

base::Result<Number> Number::arithmetic(char op, const Number& a, const Number& b) {
  if ((op == '/' || op == '%') && b.sign() == 0) return base::invalid("division by zero");
  if (!a.big_ && !b.big_) {
    std::int64_t n = 0;
    if (op == '+' && !__builtin_add_overflow(a.small_, b.small_, &n)) return Number(n);
    if (op == '-' && !__builtin_sub_overflow(a.small_, b.small_, &n)) return Number(n);
    if (op == '*' && !__builtin_mul_overflow(a.small_, b.small_, &n)) return Number(n);
  }
  const Decimal x = a.to_big().value;
  const Decimal y = b.to_big().value;
  switch (op) {
    case '+':
      return from_big({x + y});
    case '-':
      return from_big({x - y});
    case '*':
      return from_big({x * y});
    case '/':
      return from_big({x / y});
    default:
      return from_big({x - y * mp::trunc(x / y)});
  }
}

std::strong_ordering operator<=>(const Number& a, const Number& b) {
  if (!a.big_ && !b.big_) return a.small_ <=> b.small_;
  const int order = a.to_big().value.compare(b.to_big().value);
  return order <=> 0;
}

}  // namespace caravan::hcl
