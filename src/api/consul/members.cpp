// SPDX-License-Identifier: Apache-2.0
#include "api/consul/members.hpp"

#include <fmt/core.h>

#include "wire/shape.hpp"

namespace caravan::api::consul {
namespace {

constexpr std::size_t list_max = 512, text_max = 64 * 1024;

}  // namespace

std::unexpected<base::Error> refuse(std::string_view name, std::string_view why) {
  return base::invalid(fmt::format("Request decode failed: {}: {}", name, why));
}

json::Value Members::take(std::string_view name) {
  json::Value* value = wire::named_member(object_, name);
  if (!value) return {};
  json::Value taken = std::move(*value);
  object_.erase(name);
  return taken;
}

base::Status Members::text(std::string_view name, std::string& into) {
  const json::Value value = take(name);
  if (value.is_null()) return {};
  const std::string* text = value.as_string();
  if (!text) return refuse(name, "is not a text");
  if (text->size() > text_max) return refuse(name, fmt::format("is above {} bytes", text_max));
  into = *text;
  return {};
}

base::Status Members::number(std::string_view name, int& into, int low, int high) {
  const json::Value value = take(name);
  if (value.is_null()) return {};
  const std::int64_t* number = value.as_int();
  if (!number || *number < low || *number > high)
    return refuse(name, fmt::format("is not a number within {}..{}", low, high));
  into = static_cast<int>(*number);
  return {};
}

base::Status Members::index(std::string_view name, std::uint64_t& into) {
  const json::Value value = take(name);
  if (value.is_null()) return {};
  if (!value.as_unsigned()) return refuse(name, "is not a whole number from 0 on");
  into = *value.as_unsigned();
  return {};
}

base::Status Members::flag(std::string_view name, bool& into) {
  const json::Value value = take(name);
  if (value.is_null()) return {};
  if (!value.as_bool()) return refuse(name, "is neither true nor false");
  into = *value.as_bool();
  return {};
}

base::Status Members::duration(std::string_view name, base::Duration& into) {
  const json::Value value = take(name);
  if (const std::int64_t* ns = value.as_int()) into = base::Duration(*ns);
  const std::string* text = value.as_string();
  if (!text || text->empty()) return {};
  const base::Result<base::Duration> parsed = base::parse_duration(*text);
  if (!parsed) return refuse(name, parsed.error().message);
  into = *parsed;
  return {};
}

base::Status Members::list(std::string_view name, std::vector<std::string>& into) {
  const json::Value value = take(name);
  if (value.is_null()) return {};
  const json::Array* array = value.as_array();
  if (!array || array->size() > list_max)
    return refuse(name, fmt::format("is not a list of at most {} texts", list_max));
  for (const json::Value& each : *array) {
    if (!each.as_string()) return refuse(name, "has something that is not a text");
    into.push_back(*each.as_string());
  }
  return {};
}

base::Status Members::map(std::string_view name, std::map<std::string, std::string>& into) {
  json::Value value = take(name);
  if (value.is_null()) return {};
  const json::Object* object = value.as_object();
  if (!object) return refuse(name, "is not an object");
  for (const json::Member& member : *object) {
    if (!member.value.as_string()) return refuse(name, "has something that is not a text");
    into[member.name] = *member.value.as_string();
  }
  if (into.size() > list_max) return refuse(name, fmt::format("has more than {}", list_max));
  return {};
}

base::Result<json::Object> object_in(std::string_view name, json::Value value) {
  if (value.is_null()) return json::Object();
  if (json::Object* object = value.as_object()) return std::move(*object);
  return refuse(name, "is not an object");
}

}  // namespace caravan::api::consul
