// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "hcl/functions.hpp"
#include "hcl/limits.hpp"

namespace caravan::hcl {
namespace {

using base::Result;

Result<Value> setunion(const Arguments& a) {
  Value::List all;
  for (std::size_t i = 0; i < a.size(); ++i)
    all.insert(all.end(), a.list(i).begin(), a.list(i).end());
  return Value::set(std::move(all));
}

Result<Value> setintersection(const Arguments& a) {
  Value common = Value::set(a.list(0));
  for (std::size_t i = 1; i < a.size(); ++i) {
    const Value other = Value::set(a.list(i));
    Value::List kept;
    std::set_intersection(common.as_list()->begin(), common.as_list()->end(),
                          other.as_list()->begin(), other.as_list()->end(),
                          std::back_inserter(kept));
    common = Value::set(std::move(kept));
  }
  return common;
}

Result<Value> setproduct(const Arguments& a) {
  if (a.size() < 2) return base::invalid("at least two arguments are required");
  std::size_t total = 1;
  bool all_sets = true;
  for (std::size_t i = 0; i < a.size(); ++i) {
    total *= a.list(i).size();
    all_sets = all_sets && a[i].is_set();
    if (total * a.size() > elements_max)
      return base::invalid(fmt::format("combinations of more than {} elements", elements_max));
  }
  Value::List rows;
  std::vector<std::size_t> at(a.size(), 0);  // an odometer, the last wheel turns fastest
  for (std::size_t n = 0; n < total; ++n) {
    Value::List row;
    for (std::size_t i = 0; i < a.size(); ++i) row.push_back(a.list(i)[at[i]]);
    rows.push_back(Value::list(std::move(row)));
    for (std::size_t i = a.size(); i-- > 0;) {
      if (++at[i] < a.list(i).size()) break;
      at[i] = 0;
    }
  }
  return all_sets ? Value::set(std::move(rows)) : Value::list(std::move(rows));
}

constexpr Function table[] = {
    {"setintersection", "first_set:l other_sets:l*", setintersection},
    {"setproduct", "sets:l*", setproduct},
    {"setunion", "first_set:l other_sets:l*", setunion},
};

}  // namespace

std::span<const Function> set_functions() { return table; }

}  // namespace caravan::hcl
