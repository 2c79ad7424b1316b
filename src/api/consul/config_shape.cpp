// SPDX-License-Identifier: Apache-2.0
#include "api/consul/config_shape.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "base/time.hpp"
#include "json/writer.hpp"

namespace caravan::api::consul {
namespace {

using Shape = ConfigMember::Shape;

/// Of one list or map; what is beyond it is refused.
constexpr std::size_t elements_max = 1'000;

std::unexpected<base::Error> wrong(const std::string& path, std::string_view why) {
  return base::invalid(fmt::format("{}: {}", path, why));
}

/// "path_exact", "PathExact" and "pathexact" are one.
std::string plain(std::string_view name) {
  std::string letters = base::to_lower(name);
  std::erase(letters, '_');
  return letters;
}

bool is_among(std::string_view words, const std::string& word) {
  return ("|" + std::string(words) + "|").find("|" + word + "|") != std::string::npos;
}

base::Result<json::Value> read(json::Value value, const ConfigMember& member,
                               const std::string& path);

base::Result<json::Value> text_of(const json::Value& value, const ConfigMember& member,
                                  const std::string& path) {
  const std::string* text = value.as_string();
  if (!text) return wrong(path, "is not a text");
  if (text->empty()) return json::Value();
  if (!member.words.empty() && !is_among(member.words, *text))
    return wrong(path, fmt::format("\"{}\" is none of {}", base::printable(*text, 64),
                                   base::join(base::split(member.words, '|'), ", ")));
  return value;
}

/// As it was written; whole nanoseconds become a text.
base::Result<json::Value> duration_of(const json::Value& value, const std::string& path) {
  if (const std::int64_t* ns = value.as_int())
    return *ns == 0 ? json::Value() : json::Value(base::format_duration(base::Duration(*ns)));
  const std::string* text = value.as_string();
  if (!text) return wrong(path, "is not a duration such as 15s");
  if (text->empty()) return json::Value();
  const base::Result<base::Duration> read = base::parse_duration(*text);
  if (!read) return wrong(path, read.error().message);
  if (read->count() < 0) return wrong(path, "is below 0");
  return value;
}

base::Result<json::Value> list_of(json::Value value, const ConfigMember& element,
                                  const std::string& path) {
  json::Array* list = value.as_array();
  if (!list) return wrong(path, "is not a list");
  if (list->size() > elements_max)
    return wrong(path, fmt::format("has more than {} elements", elements_max));
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string at = fmt::format("{}[{}]", path, i);
    TRY((*list)[i], read(std::move((*list)[i]), element, at));
    // An element that says nothing still has its place.
    if ((*list)[i].is_null() && element.shape == Shape::object) (*list)[i] = json::Object();
    if ((*list)[i].is_null()) return wrong(at, "is empty");
  }
  return list->empty() ? json::Value() : std::move(value);
}

base::Result<json::Value> map_of(json::Value value, const ConfigMember& element,
                                 const std::string& path) {
  json::Object* object = value.as_object();
  if (!object) return wrong(path, "is not an object");
  if (object->size() > elements_max)
    return wrong(path, fmt::format("has more than {} members", elements_max));
  for (json::Member& member : *object) {
    const std::string at = fmt::format("{}[\"{}\"]", path, base::printable(member.name, 64));
    TRY(member.value, read(std::move(member.value), element, at));
    if (!member.value.is_null()) continue;
    member.value = element.shape == Shape::object ? json::Value(json::Object()) : json::Value("");
  }
  return object->empty() ? json::Value() : std::move(value);
}

base::Result<json::Value> object_of(json::Value value, const ConfigMember& member,
                                    const std::string& path) {
  json::Object* object = value.as_object();
  if (!object) return wrong(path, "is not an object");
  TRY(json::Object read, shaped(std::move(*object), member.inside, path));
  return read.empty() ? json::Value() : json::Value(std::move(read));
}

base::Result<json::Value> whole_number_of(const json::Value& value, const std::string& path) {
  const std::int64_t* number = value.as_int();
  if (!number || *number < 0) return wrong(path, "is not a whole number from 0 on");
  return *number == 0 ? json::Value() : value;
}

base::Result<json::Value> flag_of(const json::Value& value, const std::string& path) {
  if (!value.as_bool()) return wrong(path, "is neither true nor false");
  return *value.as_bool() ? value : json::Value();
}

/// HCL's blocks come as lists of objects, also where only one is meant.
json::Value only(json::Value value) {
  json::Array* list = value.as_array();
  if (!list || list->size() != 1 || !(*list)[0].as_object()) return value;
  json::Value first = std::move((*list)[0]);
  return first;
}

base::Result<json::Value> read(json::Value value, const ConfigMember& member,
                               const std::string& path) {
  if (value.is_null()) return value;
  if (member.shape != Shape::objects) value = only(std::move(value));
  switch (member.shape) {
    case Shape::text:
      return text_of(value, member, path);
    case Shape::whole_number:
      return whole_number_of(value, path);
    case Shape::number:
      if (!value.is_number()) return wrong(path, "is not a number");
      return value;
    case Shape::flag:
      return flag_of(value, path);
    case Shape::duration:
      return duration_of(value, path);
    case Shape::texts:
      return list_of(std::move(value), {member.name, Shape::text}, path);
    case Shape::numbers:
      return list_of(std::move(value), {member.name, Shape::whole_number}, path);
    case Shape::text_map:
      return map_of(std::move(value), {member.name, Shape::text}, path);
    case Shape::object:
      return object_of(std::move(value), member, path);
    case Shape::objects:
      if (value.as_object()) value = json::Array{std::move(value)};
      return list_of(std::move(value), {member.name, Shape::object, member.inside}, path);
    case Shape::object_map:
      return map_of(std::move(value), {member.name, Shape::object, member.inside}, path);
    case Shape::free:
      if (!value.as_object()) return wrong(path, "is not an object");
      return value;
  }
  return value;
}

}  // namespace

base::Result<json::Object> shaped(json::Object given, std::span<const ConfigMember> members,
                                  const std::string& path) {
  const std::string before = path.empty() ? "" : path + ".";
  json::Object all;
  for (const ConfigMember& member : members) {
    json::Value value;
    for (json::Member& candidate : given)
      if (plain(candidate.name) == plain(member.name)) {
        value = std::move(candidate.value);
        given.erase(std::string(candidate.name));
        break;
      }
    TRY(json::Value read_value, read(std::move(value), member, before + std::string(member.name)));
    if (!read_value.is_null())
      all[member.name] = std::move(read_value);
    else if (member.is_always_shown)
      all[member.name] = json::Object();
  }
  if (!given.empty())
    return base::invalid(fmt::format("invalid config key \"{}{}\"", before,
                                     base::printable(given.begin()->name, 80)));
  return all;
}

base::Result<model::ConfigKind> config_kind_of(std::string_view word) {
  constexpr auto names = enum_names(model::ConfigKind());
  const auto* found = std::ranges::find(names, word);
  if (found == names.end())
    return base::invalid(fmt::format("invalid config entry kind: {}", base::printable(word, 80)));
  return static_cast<model::ConfigKind>(found - names.begin());
}

base::Result<model::ConfigEntry> config_entry_of(json::Object body) {
  // What an entry has besides its body.
  static constexpr ConfigMember around[] = {{"Kind"}, {"Name"}, {"Namespace"}};
  json::Object outer;
  for (const ConfigMember& member : around)
    for (json::Member& candidate : body)
      if (plain(candidate.name) == plain(member.name)) {
        outer[member.name] = std::move(candidate.value);
        body.erase(std::string(candidate.name));
        break;
      }
  for (const char* index : {"CreateIndex", "ModifyIndex", "create_index", "modify_index"})
    body.erase(index);
  TRY(const json::Object named, shaped(std::move(outer), around, ""));
  const auto word = [&](std::string_view name) {
    const json::Value* value = named.find(name);
    return value ? *value->as_string() : std::string();
  };
  if (word("Kind").empty()) return base::invalid("Payload does not contain a kind/Kind key");
  if (!word("Namespace").empty() && word("Namespace") != "default")
    return base::fail(base::Code::unsupported, "Namespace: only \"default\" is there");
  model::ConfigEntry entry;
  TRY(entry.kind, config_kind_of(word("Kind")));
  entry.name = word("Name");
  TRY(json::Object shown, shaped(std::move(body), config_members(entry.kind), ""));
  entry.body = std::move(shown);
  if (const std::size_t bytes = json::to_string(entry.body).size();
      bytes > model::config_entry_bytes_max)
    return base::fail(base::Code::too_large,
                      fmt::format("the config entry has {} bytes, which is above {}", bytes,
                                  model::config_entry_bytes_max));
  TRY_VOID(check_config_entry(entry));
  return entry;
}

}  // namespace caravan::api::consul
