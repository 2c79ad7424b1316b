// SPDX-License-Identifier: Apache-2.0
// Lists and maps: consul-template's names.
#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/template_functions.hpp"
#include "expr/text.hpp"

namespace caravan::expr {
namespace {

using Answer = base::Result<Data>;

bool holds(const json::Array& list, const json::Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

/// json::Object looks names up by walking, so building one costs the square of its size.
base::Status check_count(std::size_t elements) {
  constexpr std::size_t elements_max = 10'000;
  if (elements <= elements_max) return {};
  return base::invalid(fmt::format("over {} elements", elements_max));
}

json::Value value_of(const Data& data) { return data ? *data : json::Value(nullptr); }

Answer contains(const TemplateCall& call) {
  if (call[1] && call[1]->as_string()) {
    TRY(const std::string part, call.text(0));
    return make_data(call[1]->as_string()->find(part) != std::string::npos);
  }
  TRY(const json::Array list, call.list(1));
  return make_data(holds(list, value_of(call[0])));
}

/// `in list value`, the other way round.
Answer in(const TemplateCall& call) {
  const std::array swapped = {call[1], call[0]};
  return contains(TemplateCall{swapped, call.run});
}

/// How many of the wanted are there decides: all, any, none, not all, not any.
template <class Decide>
Answer count_held(const TemplateCall& call, Decide decide) {
  TRY(const json::Array wanted, call.list(0));
  TRY(const json::Array list, call.list(1));
  std::size_t found = 0;
  for (const json::Value& each : wanted) found += holds(list, each);
  return make_data(decide(found, wanted.size()));
}
Answer contains_all(const TemplateCall& call) {
  return count_held(call, [](std::size_t found, std::size_t all) { return found == all; });
}
Answer contains_any(const TemplateCall& call) {
  return count_held(call, [](std::size_t found, std::size_t) { return found > 0; });
}
Answer contains_none(const TemplateCall& call) {
  return count_held(call, [](std::size_t found, std::size_t) { return found == 0; });
}
Answer contains_not_all(const TemplateCall& call) {
  return count_held(call, [](std::size_t found, std::size_t all) { return found < all; });
}

/// Sets `value` at the path "a/b/c" of nested maps.
void put(json::Object& map, std::string_view path, json::Value value) {
  json::Object* level = &map;
  int depth = 0;
  while (true) {
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos || ++depth > template_depth_max) break;
    json::Value& next = (*level)[path.substr(0, slash)];
    if (!next.as_object()) next = json::Object();
    level = next.as_object();
    path.remove_prefix(slash + 1);
  }
  (*level)[path] = std::move(value);
}

/// A list of {Key, Value} as nested maps.
Answer explode(const TemplateCall& call) {
  TRY(const json::Array list, call.list(0));
  TRY_VOID(check_count(list.size()));
  json::Object map;
  for (const json::Value& pair : list) {
    const std::string* key = pair.at("Key").as_string();
    if (key != nullptr && !key->empty()) put(map, *key, pair.at("Value"));
  }
  return make_data(std::move(map));
}

Answer explode_map(const TemplateCall& call) {
  TRY(const json::Object flat, call.object(0));
  TRY_VOID(check_count(flat.size()));
  json::Object map;
  for (const json::Member& member : flat) put(map, member.name, member.value);
  return make_data(std::move(map));
}

json::Object merged(const json::Object& base, const json::Object& other, bool override, int depth) {
  json::Object out = base;
  for (const json::Member& member : other) {
    json::Value* ours = out.find(member.name);
    if (ours == nullptr)
      out[member.name] = member.value;
    else if (ours->as_object() && member.value.as_object() && depth < template_depth_max)
      *ours = merged(*ours->as_object(), *member.value.as_object(), override, depth + 1);
    else if (override)
      *ours = member.value;
  }
  return out;
}

// The piped map comes last and is the one that the other is merged into.
template <bool override>
Answer merge(const TemplateCall& call) {
  TRY(const json::Object other, call.object(0));
  TRY(const json::Object base, call.object(1));
  TRY_VOID(check_count(base.size() + other.size()));
  return make_data(merged(base, other, override, 0));
}

/// Services by each of their tags.
Answer by_tag(const TemplateCall& call) {
  TRY(const json::Array services, call.list(0));
  TRY_VOID(check_count(services.size()));
  json::Object map;
  for (const json::Value& service : services) {
    const json::Array* tags = service.at("Tags").as_array();
    for (std::size_t i = 0; tags != nullptr && i < tags->size(); ++i) {
      json::Value& slot = map[go_print((*tags)[i])];
      if (!slot.as_array()) slot = json::Array();
      slot.as_array()->push_back(service);
    }
  }
  return make_data(std::move(map));
}

/// Services by the values of some of their metadata, joined with "_".
Answer by_meta(const TemplateCall& call) {
  TRY(const std::string names, call.text(0));
  TRY(const json::Array services, call.list(1));
  TRY_VOID(check_count(services.size()));
  json::Object map;
  for (const json::Value& service : services) {
    std::vector<std::string> values;
    for (const std::string& name : base::split(names, ',')) {
      const std::string wanted(base::trim(name).substr(0, base::trim(name).find('|')));
      const json::Value& value = service.at("ServiceMeta").at(wanted);
      values.push_back(value.is_null() ? "_no_" + wanted + "_" : go_print(value));
    }
    json::Value& slot = map[base::join(values, "_")];
    if (!slot.as_array()) slot = json::Array();
    slot.as_array()->push_back(service);
  }
  return make_data(std::move(map));
}

/// Pairs of tree() by their first path segment, then by the rest.
Answer by_key(const TemplateCall& call) {
  TRY(const json::Array pairs, call.list(0));
  TRY_VOID(check_count(pairs.size()));
  json::Object map;
  for (const json::Value& pair : pairs) {
    const std::string* key = pair.at("Key").as_string();
    const std::size_t slash = key == nullptr ? std::string::npos : key->find('/');
    if (slash == std::string::npos) continue;
    json::Value& slot = map[key->substr(0, slash)];
    if (!slot.as_object()) slot = json::Object();
    json::Value copy = pair;
    copy.as_object()->operator[]("Key") = key->substr(slash + 1);
    (*slot.as_object())[key->substr(slash + 1)] = std::move(copy);
  }
  return make_data(std::move(map));
}

constexpr TemplateFunction rows[] = {
    {"byKey", 1, 1, by_key},
    {"byMeta", 2, 2, by_meta},
    {"byTag", 1, 1, by_tag},
    {"contains", 2, 2, contains},
    {"containsAll", 2, 2, contains_all},
    {"containsAny", 2, 2, contains_any},
    {"containsNone", 2, 2, contains_none},
    {"containsNotAll", 2, 2, contains_not_all},
    {"containsNotAny", 2, 2, contains_none},
    {"explode", 1, 1, explode},
    {"explodeMap", 1, 1, explode_map},
    {"in", 2, 2, in},
    {"mergeMap", 2, 2, merge<false>},
    {"mergeMapWithOverride", 2, 2, merge<true>},
};

}  // namespace

std::span<const TemplateFunction> list_template_functions() { return rows; }

}  // namespace caravan::expr
