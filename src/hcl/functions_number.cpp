// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "hcl/functions.hpp"

namespace caravan::hcl {
namespace {

using base::Result;

Result<Value> from_double(double d) {
  TRY(Number number, Number::from_double(d));
  return Value(std::move(number));
}

Result<Value> abs(const Arguments& a) {
  return Value(a.number(0).sign() < 0 ? a.number(0).negate() : a.number(0));
}
Result<Value> ceil(const Arguments& a) { return Value(a.number(0).ceil()); }
Result<Value> floor(const Arguments& a) { return Value(a.number(0).floor()); }
Result<Value> signum(const Arguments& a) { return Value(a.number(0).sign()); }

Result<Value> pow(const Arguments& a) {
  return from_double(std::pow(a.number(0).as_double(), a.number(1).as_double()));
}

Result<Value> log(const Arguments& a) {
  return from_double(std::log(a.number(0).as_double()) / std::log(a.number(1).as_double()));
}

template <bool want_greater>
Result<Value> extreme(const Arguments& a) {
  if (a.size() == 0) return base::invalid("must pass at least one number");
  Number best = a.number(0);
  for (std::size_t i = 1; i < a.size(); ++i)
    if (want_greater ? a.number(i) > best : a.number(i) < best) best = a.number(i);
  return Value(std::move(best));
}

Result<Value> parseint(const Arguments& a) {
  const std::int64_t radix = a.integer(1);
  if (radix < 2 || radix > 62)
    return base::invalid("base must be a whole number between 2 and 62 inclusive");
  TRY(Number number, Number::parse_int(a.text(0), static_cast<int>(radix)));
  return Value(std::move(number));
}

constexpr Function rows[] = {
    {"abs", "num:n", abs},
    {"ceil", "num:n", ceil},
    {"floor", "num:n", floor},
    {"log", "num:n base:n", log},
    {"max", "numbers:n*", extreme<true>},
    {"min", "numbers:n*", extreme<false>},
    {"parseint", "number:s base:i", parseint},
    {"pow", "num:n power:n", pow},
    {"signum", "num:n", signum},
};

}  // namespace

std::span<const Function> number_functions() { return rows; }

}  // namespace caravan::hcl
