// SPDX-License-Identifier: Apache-2.0
#include "hcl/functions.hpp"

#include <fmt/core.h>

namespace caravan::hcl {
namespace {

constexpr std::array all_rows = {
    text_functions,       format_functions, number_functions,  set_functions,  encoding_functions,
    collection_functions, hash_functions,   network_functions, time_functions, file_functions};

struct Parameter {
  std::string_view name;
  char kind = 'a';
  bool optional = false;
  bool repeated = false;
};

std::vector<Parameter> parameters_of(std::string_view takes) {
  std::vector<Parameter> all;
  while (!takes.empty()) {
    const std::string_view word = takes.substr(0, takes.find(' '));
    takes.remove_prefix(std::min(takes.size(), word.size() + 1));
    const std::size_t colon = word.find(':');
    const char mark = word.size() > colon + 2 ? word[colon + 2] : ' ';
    all.push_back({word.substr(0, colon), word[colon + 1], mark == '?', mark == '*'});
  }
  return all;
}

template <class T>
base::Result<Value> as_value(base::Result<T> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return Value(std::move(*result));
}

base::Result<Value> convert_to(char kind, const Value& value) {
  if (kind == 'x') return value;
  if (value.is_null()) return base::invalid("argument must not be null");
  switch (kind) {
    case 's':
      return as_value(to_text(value));
    case 'n':
      return as_value(to_number(value));
    case 'b':
      return as_value(to_bool(value));
    case 'i': {
      TRY(Number number, to_number(value));
      if (!number.as_int()) return base::invalid("a whole number is required");
      return Value(std::move(number));
    }
    case 'l':
      if (!value.as_list()) return base::invalid("a list is required");
      return value;
    case 'm':
      if (!value.as_map()) return base::invalid("a map is required");
      return value;
    default:
      return value;
  }
}

}  // namespace

const Function* find_function(std::string_view name) {
  for (const auto& rows : all_rows)
    for (const Function& function : rows())
      if (function.name == name) return &function;
  return nullptr;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names = {"can", "convert", "try"};  // evaluate_call.cpp knows these
  for (const auto& rows : all_rows)
    for (const Function& function : rows()) names.emplace_back(function.name);
  return names;
}

base::Status fit_arguments(const Function& function, std::vector<Value>& arguments) {
  const std::vector<Parameter> parameters = parameters_of(function.takes);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    if (parameter.repeated || parameter.optional || i < arguments.size()) continue;
    return base::invalid(
        fmt::format("Function \"{}\" expects {} argument(s). Missing value for \"{}\".",
                    function.name, parameters.size(), parameter.name));
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool past = i >= parameters.size();
    if (past && (parameters.empty() || !parameters.back().repeated))
      return base::invalid(fmt::format("Function \"{}\" expects only {} argument(s).",
                                       function.name, parameters.size()));
    const Parameter& parameter = past ? parameters.back() : parameters[i];
    auto fitted = convert_to(parameter.kind, arguments[i]);
    if (!fitted)
      return base::invalid(fmt::format("Invalid value for \"{}\" parameter: {}.", parameter.name,
                                       fitted.error().message));
    arguments[i] = std::move(*fitted);
  }
  return {};
}

}  // namespace caravan::hcl
