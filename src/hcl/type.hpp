// SPDX-License-Identifier: Apache-2.0
// Type expressions, as in `variable "x" { type = map(list(number)) }`, and conversion to them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hcl/diagnostic.hpp"
#include "hcl/expression.hpp"

namespace caravan::hcl {

struct Type {
  enum class Kind { any, boolean, number, string, list, set, map, object, tuple };
  Kind kind = Kind::any;
  std::vector<Type> elements;      // one for list, set and map; all of a tuple; object: members
  std::vector<std::string> names;  // of an object's members
  std::vector<bool> optional;      // of an object's members

  bool is_primitive() const {
    return kind == Kind::boolean || kind == Kind::number || kind == Kind::string;
  }
  std::string to_string() const;
};

/// `string`, `list(any)`, `object({a = string, b = optional(number)})`, … and quoted old forms.
std::optional<Type> parse_type(const Expression& expression, Diagnostics& diagnostics);

/// Errors: invalid, with the place inside the value: `["port"]: a number is required`.
base::Result<Value> convert(const Value& value, const Type& type);

}  // namespace caravan::hcl
