// SPDX-License-Identifier: Apache-2.0
#include "model/intention.hpp"

#include <algorithm>

namespace caravan::model {
namespace {

Intention intention_in(const json::Value& source) {
  Intention intention;
  intention.source = source.text_at("Name");
  intention.id = base::Uuid::parse(source.text_at("LegacyID")).value_or(base::Uuid());
  intention.allows = source.text_at("Action") == "allow";
  intention.permissions = source.at("Permissions");
  intention.description = source.text_at("Description");
  if (const json::Object* meta = source.at("LegacyMeta").as_object())
    for (const json::Member& member : *meta)
      intention.meta[member.name] = source.at("LegacyMeta").text_at(member.name);
  intention.create_time = source.text_at("LegacyCreateTime");
  intention.update_time = source.text_at("LegacyUpdateTime");
  return intention;
}

json::Object source_json(const Intention& intention) {
  json::Object source{{"Name", intention.source}};
  if (intention.is_about_requests())
    source["Permissions"] = intention.permissions;
  else
    source["Action"] = intention.allows ? "allow" : "deny";
  source["Precedence"] = precedence_of(intention.source, intention.destination);
  source["Type"] = "consul";
  if (!intention.description.empty()) source["Description"] = intention.description;
  if (intention.id.is_nil()) return source;
  source["LegacyID"] = intention.id.to_string();
  json::Object meta;
  for (const auto& [key, value] : intention.meta)
    meta[key] = value;
  if (!meta.empty()) source["LegacyMeta"] = std::move(meta);
  source["LegacyCreateTime"] = intention.create_time;
  source["LegacyUpdateTime"] = intention.update_time;
  return source;
}

void put_in_order(std::vector<Intention>& intentions) {
  std::ranges::sort(intentions, [](const Intention& a, const Intention& b) {
    const int first = precedence_of(a.source, a.destination);
    const int second = precedence_of(b.source, b.destination);
    return first != second ? first > second : a.source < b.source;
  });
}

}  // namespace

int precedence_of(const std::string& source, const std::string& destination) {
  if (destination == any_service) return source == any_service ? 5 : 6;
  return source == any_service ? 8 : 9;
}

std::vector<Intention> intentions_of(const ConfigEntry& entry) {
  std::vector<Intention> all;
  const json::Array* sources = entry.body.at("Sources").as_array();
  if (!sources) return all;
  for (const json::Value& source : *sources) {
    Intention& intention = all.emplace_back(intention_in(source));
    intention.destination = entry.name;
    intention.create_index = entry.create_index;
    intention.modify_index = entry.modify_index;
  }
  put_in_order(all);
  return all;
}

ConfigEntry entry_of(const std::string& destination, const std::vector<Intention>& intentions,
                     const ConfigEntry* before) {
  std::vector<Intention> sorted = intentions;
  put_in_order(sorted);
  json::Array sources;
  for (const Intention& intention : sorted)
    sources.emplace_back(source_json(intention));
  ConfigEntry entry;
  entry.kind = ConfigKind::service_intentions;
  entry.name = destination;
  json::Object body{{"Sources", std::move(sources)}};
  if (before && !before->body.at("Meta").is_null()) body["Meta"] = before->body.at("Meta");
  entry.body = std::move(body);
  return entry;
}

ConfigEntry with_known_sources(const ConfigEntry& entry, const ConfigEntry* before) {
  const std::vector<Intention> old = before ? intentions_of(*before) : std::vector<Intention>();
  std::vector<Intention> now = intentions_of(entry);
  for (Intention& intention : now) {
    const auto known = std::ranges::find(old, intention.source, &Intention::source);
    const Intention& from = known == old.end() ? Intention() : *known;
    intention.id = from.id;
    intention.meta = from.meta;
    intention.create_time = from.create_time;
    intention.update_time = from.update_time;
  }
  return entry_of(entry.name, now, &entry);
}

}  // namespace caravan::model
