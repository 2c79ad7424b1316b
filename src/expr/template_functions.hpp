// SPDX-License-Identifier: Apache-2.0
// The functions of templates: a row each, by subject.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "expr/template.hpp"
#include "expr/template_data.hpp"

namespace caravan::expr {

class TemplateRun;

struct TemplateCall {
  std::span<const Data> arguments;
  TemplateRun& run;

  std::size_t size() const { return arguments.size(); }
  const Data& operator[](std::size_t i) const { return arguments[i]; }
  // The i-th argument as a type. Errors: invalid, naming the argument.
  base::Result<std::string> text(std::size_t i) const;
  base::Result<std::int64_t> integer(std::size_t i) const;
  base::Result<double> number(std::size_t i) const;
  base::Result<json::Array> list(std::size_t i) const;
  base::Result<json::Object> object(std::size_t i) const;
};

struct TemplateFunction {
  std::string_view name;
  int arguments_min;
  int arguments_max;  // -1: any number
  base::Result<Data> (*run)(const TemplateCall& call);
};

/// `scratch`, `and` and `or` are functions too, though the run treats them itself.
bool is_template_function(std::string_view name);
const TemplateFunction* find_template_function(std::string_view name);

/// Refuses a result of more than template_value_bytes_max before it is built.
base::Status check_text_size(std::size_t bytes);

std::span<const TemplateFunction> builtin_template_functions();
std::span<const TemplateFunction> text_template_functions();
std::span<const TemplateFunction> number_template_functions();
std::span<const TemplateFunction> list_template_functions();
std::span<const TemplateFunction> encoding_template_functions();
std::span<const TemplateFunction> source_template_functions();
std::span<const TemplateFunction> sprig_template_functions();

}  // namespace caravan::expr
