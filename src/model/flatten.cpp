// SPDX-License-Identifier: Apache-2.0
#include "model/flatten.hpp"

#include <array>

#include "json/writer.hpp"

namespace caravan::model {

std::string block_name(std::string_view member) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> irregular = {
      {{"ReservedPorts", "Static Port"},
       {"DynamicPorts", "Dynamic Port"},
       {"ParameterizedJob", "ParameterizedJob"},
       {"Identities", "Identity"}}};
  for (const auto& [from, to] : irregular)
    if (member == from) return std::string(to);
  constexpr std::array plural = {"Constraints",    "Affinities", "Spreads",      "Services",
                                 "Checks",         "Networks",   "Templates",    "Artifacts",
                                 "Volumes",        "Devices",    "VolumeMounts", "Actions",
                                 "ScalingPolicies"};
  if (std::ranges::find(plural, member) == plural.end()) return std::string(member);
  if (member.ends_with("ies")) return std::string(member.substr(0, member.size() - 3)) + "y";
  return std::string(member.substr(0, member.size() - 1));
}

void Flattener::json(const std::string& name, const json::Value& value, Flat& into) {
  if (const json::Object* object = value.as_object()) {
    for (const json::Member& member : *object)
      json(name.empty() ? member.name : fmt::format("{}[{}]", name, member.name), member.value,
           into);
  } else if (const json::Array* array = value.as_array()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      json(fmt::format("{}[{}]", name, i), (*array)[i], into);
  } else if (const std::string* text = value.as_string()) {
    into.fields.emplace_back(name, *text);
  } else if (!value.is_null()) {
    into.fields.emplace_back(name, json::to_string(value));
  }
}

void Flattener::put(std::string_view name, const json::Value& value) {
  if (value.is_null()) return;
  Flat inner;
  inner.name = block_name(name);
  json(value.as_object() ? "" : std::string(name), value, inner);
  into_.objects.push_back(std::move(inner));
}

void Flattener::put(std::string_view name, const json::Object& value) {
  if (!value.empty()) put(name, json::Value(value));
}

void Flattener::put(std::string_view name, std::vector<std::string>& list) {
  if (list.empty()) return;
  Flat inner;
  inner.name = name;
  for (const std::string& item : list)
    inner.fields.emplace_back(name, item);
  into_.objects.push_back(std::move(inner));
}

}  // namespace caravan::model
