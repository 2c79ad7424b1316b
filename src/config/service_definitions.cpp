// SPDX-License-Identifier: Apache-2.0
#include "config/service_definitions.hpp"

#include <algorithm>
#include <string>

namespace caravan::config {
namespace {

/// Members whose own members are named by whoever wrote them.
bool holds_names(const std::string& name) { return name == "meta" || name == "header"; }
/// Members of which the API has one, where a block makes a list.
bool is_single(const std::string& name) {
  return name == "check" || name == "weights" || name == "proxy" || name == "connect" ||
         holds_names(name);
}

std::string api_name(std::string name) {
  std::erase(name, '_');  // the API takes any case
  return name;
}

json::Value value_in_api_words(const std::string& name, json::Value value) {
  if (holds_names(name)) return value;
  if (const json::Object* object = value.as_object()) return in_api_words(*object);
  json::Array* list = value.as_array();
  if (!list) return value;
  for (json::Value& each : *list)
    each = value_in_api_words(name, std::move(each));
  return value;
}

}  // namespace

json::Object in_api_words(const json::Object& definition) {
  json::Object renamed;
  for (const json::Member& member : definition) {
    json::Value value = member.value;
    const json::Array* list = value.as_array();
    if (list && list->size() == 1 && is_single(member.name)) value = json::Value(list->front());
    renamed[api_name(member.name)] = value_in_api_words(member.name, std::move(value));
  }
  // What readers look at by itself has the API's own name.
  for (const auto& [low, high] : {std::pair("name", "Name"), std::pair("id", "ID")})
    if (json::Value* value = renamed.find(low)) {
      json::Value moved = std::move(*value);
      renamed.erase(low);
      renamed[high] = std::move(moved);
    }
  return renamed;
}

std::vector<json::Object> definitions(const json::Value& one, const json::Value& many) {
  std::vector<json::Object> all;
  for (const json::Value* found : {&one, &many}) {
    if (const json::Object* object = found->as_object()) all.push_back(in_api_words(*object));
    if (const json::Array* list = found->as_array())
      for (const json::Value& each : *list)
        if (const json::Object* object = each.as_object()) all.push_back(in_api_words(*object));
  }
  return all;
}

}  // namespace caravan::config
