// SPDX-License-Identifier: Apache-2.0
#include "expr/template_data.hpp"

#include <fmt/core.h>

#include "expr/template.hpp"
#include "expr/text.hpp"

namespace caravan::expr {
namespace {

constexpr std::size_t node_bytes = 32;

bool add_weight(const json::Value& value, int depth, std::size_t& sum) {
  sum += node_bytes;
  if (sum > template_value_bytes_max || depth > template_depth_max) return false;
  if (const std::string* text = value.as_string()) sum += text->size();
  if (const json::Array* array = value.as_array())
    for (const json::Value& item : *array)
      if (!add_weight(item, depth + 1, sum)) return false;
  if (const json::Object* object = value.as_object())
    for (const json::Member& member : *object) {
      sum += member.name.size();
      if (!add_weight(member.value, depth + 1, sum)) return false;
    }
  return sum <= template_value_bytes_max;
}

std::string_view kind_of(const Data& data) { return data ? data->kind() : "no value"; }

}  // namespace

bool is_true(const Data& data) {
  if (!data || data->is_null()) return false;
  if (const bool* b = data->as_bool()) return *b;
  if (data->is_number()) return data->number() != 0;
  if (const std::string* text = data->as_string()) return !text->empty();
  if (const json::Array* array = data->as_array()) return !array->empty();
  return !data->as_object()->empty();
}

std::string print_data(const Data& data) {
  if (!data || data->is_null()) return "<no value>";
  return go_print(*data);
}

base::Result<Data> field_of(const Data& data, std::string_view name) {
  if (!data || data->is_null())
    return base::invalid(fmt::format("nil data; there is no field {}", name));
  const json::Object* object = data->as_object();
  if (object == nullptr)
    return base::invalid(fmt::format("can't evaluate field {} in {}", name, data->kind()));
  const json::Value* member = object->find(name);
  return member == nullptr ? Data() : part_of(data, *member);
}

base::Result<int> compare_data(const Data& a, const Data& b) {
  if (a && b && a->is_number() && b->is_number()) {
    if (a->as_int() && b->as_int())
      return (*a->as_int() > *b->as_int()) - (*a->as_int() < *b->as_int());
    return (a->number() > b->number()) - (a->number() < b->number());
  }
  if (a && b && a->as_string() && b->as_string()) {
    const int order = a->as_string()->compare(*b->as_string());
    return (order > 0) - (order < 0);
  }
  return base::invalid(
      fmt::format("incompatible types for comparison: {} and {}", kind_of(a), kind_of(b)));
}

base::Result<bool> equal_data(const Data& a, const Data& b) {
  const bool a_none = !a || a->is_null();
  const bool b_none = !b || b->is_null();
  if (a_none || b_none) return a_none && b_none;
  if (a->as_bool() && b->as_bool()) return *a->as_bool() == *b->as_bool();
  if (a->as_array() || a->as_object() || b->as_array() || b->as_object())
    return base::invalid("non-comparable types for comparison");
  TRY(const int order, compare_data(a, b));
  return order == 0;
}

std::optional<std::size_t> weigh(const json::Value& value) {
  std::size_t sum = 0;
  if (!add_weight(value, 0, sum)) return std::nullopt;
  return sum;
}

}  // namespace caravan::expr
