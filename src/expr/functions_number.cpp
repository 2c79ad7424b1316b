// SPDX-License-Identifier: Apache-2.0
// Arithmetic. Integers stay integers; with a fraction on either side both are doubles. As in a
// pipe, the last argument is what the operation begins with: `subtract 2 5` is 3.
#include <cmath>

#include <fmt/core.h>

#include "expr/template_functions.hpp"

namespace caravan::expr {
namespace {

using Answer = base::Result<Data>;

struct Pair {
  bool integers;
  std::int64_t a, b;  // when integers
  double x, y;
};

bool has_fraction(const Data& data) {
  if (!data) return false;
  if (data->as_double()) return true;
  const std::string* text = data->as_string();
  return text != nullptr && text->find_first_of(".eE") != std::string::npos;
}

/// `first` is the left side of the operation.
base::Result<Pair> pair_of(const TemplateCall& call, std::size_t first, std::size_t second) {
  Pair pair{};
  pair.integers = !has_fraction(call[first]) && !has_fraction(call[second]);
  if (pair.integers) {
    TRY(pair.a, call.integer(first));
    TRY(pair.b, call.integer(second));
  }
  TRY(pair.x, call.number(first));
  TRY(pair.y, call.number(second));
  return pair;
}

base::Result<std::int64_t> integer_result(char op, std::int64_t a, std::int64_t b) {
  std::int64_t n = 0;
  bool good = true;
  switch (op) {
    case '+':
      good = !__builtin_add_overflow(a, b, &n);
      break;
    case '-':
      good = !__builtin_sub_overflow(a, b, &n);
      break;
    case '*':
      good = !__builtin_mul_overflow(a, b, &n);
      break;
    default:
      if (b == 0) return base::invalid("division by zero");
      if (a == INT64_MIN && b == -1) return base::invalid("integer overflow");
      n = op == '/' ? a / b : a % b;
  }
  if (!good) return base::invalid("integer overflow");
  return n;
}

Answer apply(char op, const Pair& pair) {
  if (pair.integers) {
    TRY(const std::int64_t n, integer_result(op, pair.a, pair.b));
    return make_data(n);
  }
  switch (op) {
    case '+':
      return make_data(pair.x + pair.y);
    case '-':
      return make_data(pair.x - pair.y);
    case '*':
      return make_data(pair.x * pair.y);
    case '/':
      return make_data(pair.x / pair.y);
    default:
      return base::invalid("integers are required");
  }
}

template <char op>
Answer reversed(const TemplateCall& call) {
  TRY(const Pair pair, pair_of(call, 1, 0));
  return apply(op, pair);
}

/// sprig's: left to right, over any number of integers.
template <char op>
Answer folded(const TemplateCall& call) {
  TRY(std::int64_t sum, call.integer(0));
  for (std::size_t i = 1; i < call.size(); ++i) {
    TRY(const std::int64_t n, call.integer(i));
    TRY(sum, integer_result(op, sum, n));
  }
  return make_data(sum);
}

template <bool want_greater>
Answer extreme(const TemplateCall& call) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < call.size(); ++i) {
    TRY(const double x, call.number(i));
    TRY(const double y, call.number(best));
    if (want_greater ? x > y : x < y) best = i;
  }
  TRY(const Pair pair, pair_of(call, best, best));
  return pair.integers ? make_data(pair.a) : make_data(pair.x);
}

Answer loop(const TemplateCall& call) {
  constexpr std::int64_t turns_max = 100'000;
  std::int64_t from = 0;
  TRY(std::int64_t to, call.integer(0));
  if (call.size() > 1) {
    from = to;
    TRY(to, call.integer(1));
  }
  if (to - from > turns_max) return base::invalid(fmt::format("over {} turns", turns_max));
  json::Array list;
  for (std::int64_t i = from; i < to; ++i) list.emplace_back(i);
  return make_data(std::move(list));
}

template <class Round>
Answer rounded(const TemplateCall& call, Round round) {
  TRY(const double d, call.number(0));
  return make_data(round(d));
}
Answer floor(const TemplateCall& call) {
  return rounded(call, [](double d) { return std::floor(d); });
}
Answer ceil(const TemplateCall& call) {
  return rounded(call, [](double d) { return std::ceil(d); });
}

Answer to_int(const TemplateCall& call) {
  const auto n = call.integer(0);
  return make_data(n ? *n : std::int64_t{0});
}
Answer to_double(const TemplateCall& call) {
  const auto d = call.number(0);
  return make_data(d ? *d : 0.0);
}
Answer add_one(const TemplateCall& call) {
  TRY(const std::int64_t n, call.integer(0));
  TRY(const std::int64_t sum, integer_result('+', n, 1));
  return make_data(sum);
}

constexpr TemplateFunction rows[] = {
    {"add", 2, 2, reversed<'+'>},
    {"divide", 2, 2, reversed<'/'>},
    {"loop", 1, 2, loop},
    {"maximum", 2, 2, extreme<true>},
    {"minimum", 2, 2, extreme<false>},
    {"modulo", 2, 2, reversed<'%'>},
    {"multiply", 2, 2, reversed<'*'>},
    {"sprig_add", 1, -1, folded<'+'>},
    {"sprig_add1", 1, 1, add_one},
    {"sprig_atoi", 1, 1, to_int},
    {"sprig_ceil", 1, 1, ceil},
    {"sprig_div", 2, 2, folded<'/'>},
    {"sprig_float64", 1, 1, to_double},
    {"sprig_floor", 1, 1, floor},
    {"sprig_int", 1, 1, to_int},
    {"sprig_int64", 1, 1, to_int},
    {"sprig_max", 1, -1, extreme<true>},
    {"sprig_min", 1, -1, extreme<false>},
    {"sprig_mod", 2, 2, folded<'%'>},
    {"sprig_mul", 1, -1, folded<'*'>},
    {"sprig_sub", 2, 2, folded<'-'>},
    {"sprig_until", 1, 1, loop},
    {"subtract", 2, 2, reversed<'-'>},
};

}  // namespace

std::span<const TemplateFunction> number_template_functions() { return rows; }

}  // namespace caravan::expr
