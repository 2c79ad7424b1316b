// SPDX-License-Identifier: Apache-2.0
// The functions of the language. Each is one row: its name, what it takes, and the code. The row is
// enough to convert arguments and to complain about them, so the code sees what it asked for.
#pragma once

#include <span>
#include <string_view>

#include "base/result.hpp"
#include "hcl/outside.hpp"
#include "hcl/value.hpp"

namespace caravan::hcl {

class Arguments {
 public:
  Arguments(std::span<const Value> values, const Outside& outside)
      : values_(values), outside_(outside) {}
  std::size_t size() const { return values_.size(); }
  const Value& operator[](std::size_t i) const { return values_[i]; }
  const std::string& text(std::size_t i) const { return *values_[i].as_string(); }
  const Number& number(std::size_t i) const { return *values_[i].as_number(); }
  std::int64_t integer(std::size_t i) const { return *values_[i].as_number()->as_int(); }
  const Value::List& list(std::size_t i) const { return *values_[i].as_list(); }
  const Value::Map& map(std::size_t i) const { return *values_[i].as_map(); }
  const Outside& outside() const { return outside_; }

 private:
  std::span<const Value> values_;
  const Outside& outside_;
};

/// `takes` lists `name:kind` separated by blanks. Kinds: s text, n number, i 64-bit integer,
/// b bool, l list or set, m object, a anything but null, x anything. A last `?` means optional,
/// `*` any number of them.
struct Function {
  std::string_view name;
  std::string_view takes;
  base::Result<Value> (*run)(const Arguments& arguments);
};

/// Null when there is none of that name.
const Function* find_function(std::string_view name);
std::vector<std::string> function_names();

/// Converts arguments to what the function takes. Errors: invalid, saying which and why.
base::Status fit_arguments(const Function& function, std::vector<Value>& arguments);

// The rows, by subject.
std::span<const Function> text_functions();
std::span<const Function> format_functions();
std::span<const Function> number_functions();
std::span<const Function> collection_functions();
std::span<const Function> set_functions();
std::span<const Function> encoding_functions();
std::span<const Function> hash_functions();
std::span<const Function> network_functions();
std::span<const Function> time_functions();
std::span<const Function> file_functions();

}  // namespace caravan::hcl
