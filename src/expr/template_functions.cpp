// SPDX-License-Identifier: Apache-2.0
#include "expr/template_functions.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "expr/text.hpp"

namespace caravan::expr {
namespace {

constexpr std::array all_rows = {builtin_template_functions, text_template_functions,
                                 number_template_functions,  list_template_functions,
                                 source_template_functions,  encoding_template_functions,
                                 sprig_template_functions};

std::unexpected<base::Error> wrong(std::size_t i, const Data& data, std::string_view wanted) {
  if (!data || data->is_null())
    return base::invalid(fmt::format("argument {} has no value; {} is expected", i + 1, wanted));
  return base::invalid(
      fmt::format("argument {} is {}; {} is expected", i + 1, data->kind(), wanted));
}

std::optional<json::Value> as_number(const Data& data) {
  if (!data) return std::nullopt;
  if (data->is_number()) return *data;
  if (const std::string* text = data->as_string()) return parse_go_number(*text);
  return std::nullopt;
}

}  // namespace

base::Result<std::string> TemplateCall::text(std::size_t i) const {
  const Data& data = arguments[i];
  if (!data || data->is_null() || data->as_array() || data->as_object())
    return wrong(i, data, "a string");
  return go_print(*data);
}

base::Result<double> TemplateCall::number(std::size_t i) const {
  const auto number = as_number(arguments[i]);
  if (!number) return wrong(i, arguments[i], "a number");
  return number->number();
}

base::Result<std::int64_t> TemplateCall::integer(std::size_t i) const {
  const auto number = as_number(arguments[i]);
  if (!number) return wrong(i, arguments[i], "an integer");
  if (number->as_int()) return *number->as_int();
  const double d = number->number();
  if (!(std::fabs(d) < 9e18)) return wrong(i, arguments[i], "an integer of 64 bits");
  return static_cast<std::int64_t>(d);
}

base::Result<json::Array> TemplateCall::list(std::size_t i) const {
  const Data& data = arguments[i];
  if (data && data->as_array()) return *data->as_array();
  if (!data || data->is_null()) return json::Array{};
  return wrong(i, data, "a list");
}

base::Result<json::Object> TemplateCall::object(std::size_t i) const {
  const Data& data = arguments[i];
  if (data && data->as_object()) return *data->as_object();
  if (!data || data->is_null()) return json::Object{};
  return wrong(i, data, "a map");
}

const TemplateFunction* find_template_function(std::string_view name) {
  for (const auto& rows : all_rows)
    for (const TemplateFunction& function : rows())
      if (function.name == name) return &function;
  return nullptr;
}

bool is_template_function(std::string_view name) {
  return name == "and" || name == "or" || name == "scratch" ||
         find_template_function(name) != nullptr;
}

base::Status check_text_size(std::size_t bytes) {
  if (bytes <= template_value_bytes_max) return {};
  return base::fail(base::Code::too_large,
                    fmt::format("a value of over {} bytes", template_value_bytes_max));
}

}  // namespace caravan::expr
