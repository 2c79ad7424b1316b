// SPDX-License-Identifier: Apache-2.0
#include "hcl/value.hpp"

#include <algorithm>

#include "hcl/limits.hpp"

namespace caravan::hcl {
namespace {

constexpr std::uint64_t node_weight = 16;

template <class Container, class Project>
std::pair<std::uint64_t, int> measure(const Container& container, Project project) {
  std::uint64_t weight = node_weight;
  int depth = 0;
  for (const auto& element : container) {
    const auto& [extra, value] = project(element);
    weight += extra + value.weight();
    depth = std::max(depth, value.depth());
  }
  return {weight, depth + 1};
}

}  // namespace

struct Value::Text {
  std::string text;
};
struct Value::Items {
  List list;
  bool set;
  std::uint64_t weight;
  int depth;
};
struct Value::Members {
  Map map;
  std::uint64_t weight;
  int depth;
};

Value::Value(std::string text) : data_(std::make_shared<const Text>(Text{std::move(text)})) {}

Value Value::list(List items) {
  const auto [weight, depth] =
      measure(items, [](const Value& v) { return std::pair<std::uint64_t, const Value&>(0, v); });
  Value made;
  made.data_ = std::make_shared<const Items>(Items{std::move(items), false, weight, depth});
  return made;
}

Value Value::set(List items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  const Value plain = list(std::move(items));
  Items copy = *std::get<std::shared_ptr<const Items>>(plain.data_);
  copy.set = true;
  Value made;
  made.data_ = std::make_shared<const Items>(std::move(copy));
  return made;
}

Value Value::map(Map members) {
  const auto [weight, depth] = measure(members, [](const auto& member) {
    return std::pair<std::uint64_t, const Value&>(member.first.size(), member.second);
  });
  Value made;
  made.data_ = std::make_shared<const Members>(Members{std::move(members), weight, depth});
  return made;
}

bool Value::is_set() const {
  const auto* items = std::get_if<std::shared_ptr<const Items>>(&data_);
  return items != nullptr && (*items)->set;
}

bool Value::is_primitive() const {
  return kind() == Kind::boolean || kind() == Kind::number || kind() == Kind::string;
}

const std::string* Value::as_string() const {
  const auto* text = std::get_if<std::shared_ptr<const Text>>(&data_);
  return text == nullptr ? nullptr : &(*text)->text;
}

const Value::List* Value::as_list() const {
  const auto* items = std::get_if<std::shared_ptr<const Items>>(&data_);
  return items == nullptr ? nullptr : &(*items)->list;
}

const Value::Map* Value::as_map() const {
  const auto* members = std::get_if<std::shared_ptr<const Members>>(&data_);
  return members == nullptr ? nullptr : &(*members)->map;
}

std::string_view Value::kind_name() const {
  switch (kind()) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "bool";
    case Kind::number:
      return "number";
    case Kind::string:
      return "string";
    case Kind::list:
      return is_set() ? "set" : "tuple";
    case Kind::map:
      return "object";
  }
  return "";
}

std::uint64_t Value::weight() const {
  if (const std::string* text = as_string()) return node_weight + text->size();
  if (const auto* items = std::get_if<std::shared_ptr<const Items>>(&data_))
    return (*items)->weight;
  if (const auto* members = std::get_if<std::shared_ptr<const Members>>(&data_))
    return (*members)->weight;
  return node_weight;
}

int Value::depth() const {
  if (const auto* items = std::get_if<std::shared_ptr<const Items>>(&data_)) return (*items)->depth;
  if (const auto* members = std::get_if<std::shared_ptr<const Members>>(&data_))
    return (*members)->depth;
  return 0;
}

bool Value::oversized() const {
  return weight() > value_weight_max || depth() > depth_max ||
         (kind() == Kind::map && as_map()->size() > members_max);
}

json::Value Value::to_json() const {
  switch (kind()) {
    case Kind::null:
      return nullptr;
    case Kind::boolean:
      return *as_bool();
    case Kind::number: {
      if (const auto n = as_number()->as_int()) return *n;
      return as_number()->as_double();
    }
    case Kind::string:
      return *as_string();
    case Kind::list: {
      json::Array array;
      for (const Value& v : *as_list()) array.push_back(v.to_json());
      return array;
    }
    case Kind::map:
      break;
  }
  json::Object object;
  for (const auto& [name, v] : *as_map()) object[name] = v.to_json();
  return object;
}

Value Value::from_json(const json::Value& value) {
  if (const bool* b = value.as_bool()) return *b;
  if (const std::int64_t* n = value.as_int()) return *n;
  if (const double* d = value.as_double()) return Number::from_double(*d).value_or(Number(0));
  if (const std::string* text = value.as_string()) return *text;
  if (const json::Array* array = value.as_array()) {
    List items;
    for (const json::Value& v : *array) items.push_back(from_json(v));
    return list(std::move(items));
  }
  if (const json::Object* object = value.as_object()) {
    Map members;
    for (const json::Member& m : *object) members.insert_or_assign(m.name, from_json(m.value));
    return map(std::move(members));
  }
  return {};
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::null:
      return true;
    case Value::Kind::boolean:
      return *a.as_bool() == *b.as_bool();
    case Value::Kind::number:
      return *a.as_number() == *b.as_number();
    case Value::Kind::string:
      return *a.as_string() == *b.as_string();
    case Value::Kind::list:
      return a.as_list() == b.as_list() || *a.as_list() == *b.as_list();
    case Value::Kind::map:
      return a.as_map() == b.as_map() || *a.as_map() == *b.as_map();
  }
  return false;
}

bool operator<(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return a.kind() < b.kind();
  switch (a.kind()) {
    case Value::Kind::null:
      return false;
    case Value::Kind::boolean:
      return *a.as_bool() < *b.as_bool();
    case Value::Kind::number:
      return *a.as_number() < *b.as_number();
    case Value::Kind::string:
      return *a.as_string() < *b.as_string();
    case Value::Kind::list:
      return std::lexicographical_compare(a.as_list()->begin(), a.as_list()->end(),
                                          b.as_list()->begin(), b.as_list()->end());
    case Value::Kind::map:
      break;
  }
  return std::lexicographical_compare(a.as_map()->begin(), a.as_map()->end(), b.as_map()->begin(),
                                      b.as_map()->end());
}

base::Result<std::string> to_text(const Value& value) {
  if (const std::string* text = value.as_string()) return *text;
  if (const bool* b = value.as_bool()) return std::string(*b ? "true" : "false");
  if (const Number* n = value.as_number()) return n->to_string();
  if (value.is_null()) return base::invalid("argument must not be null");
  return base::invalid("a string is required");
}

base::Result<Number> to_number(const Value& value) {
  if (const Number* n = value.as_number()) return *n;
  if (const std::string* text = value.as_string())
    if (auto n = Number::parse(*text)) return n;
  if (value.is_null()) return base::invalid("argument must not be null");
  return base::invalid("a number is required");
}

base::Result<bool> to_bool(const Value& value) {
  if (const bool* b = value.as_bool()) return *b;
  if (const std::string* text = value.as_string()) {
    if (*text == "true" || *text == "1") return true;
    if (*text == "false" || *text == "0") return false;
  }
  if (value.is_null()) return base::invalid("argument must not be null");
  return base::invalid("a bool is required");
}

}  // namespace caravan::hcl
