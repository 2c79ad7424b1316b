// SPDX-License-Identifier: Apache-2.0
#include "gitops/variable_file.hpp"

#include "base/text.hpp"
#include "hcl/yaml.hpp"

namespace caravan::gitops {
namespace {

std::string joined(const std::set<std::string>& keys) {
  return base::join(std::vector<std::string>(keys.begin(), keys.end()), ",");
}

base::Result<std::string> text_at(const hcl::Value::Map& map, const std::string& key) {
  const auto found = map.find(key);
  if (found == map.end()) return base::invalid(key + " is missing");
  const std::string* text = found->second.as_string();
  if (!text || text->empty()) return base::invalid(key + ": a text is needed");
  return *text;
}

base::Result<Items> items_of(const hcl::Value& value) {
  const hcl::Value::Map* map = value.as_map();
  if (!map) return base::invalid("items: a map of names and values is needed");
  Items items;
  for (const auto& [key, item] : *map) {
    if (key == managed_item || key == old_keys_item)
      return base::invalid("items." + key + ": this name is the operator's own");
    if (!item.is_primitive()) return base::invalid("items." + key + ": a text or a number is needed");
    TRY(items[key], hcl::to_text(item));
  }
  if (items.empty()) return base::invalid("items: there is none");
  return items;
}

}  // namespace

base::Result<VariableFile> parse_variable_file(const std::string& text) {
  TRY(const hcl::Value value, hcl::read_yaml(text));
  const hcl::Value::Map* map = value.as_map();
  if (!map) return base::invalid("a map with path and items is needed");
  for (const auto& [key, member] : *map)
    if (key != "path" && key != "items" && key != "namespace")
      return base::invalid("\"" + base::printable(key, 64) + "\": only path, items and namespace");
  VariableFile file;
  TRY(file.path, text_at(*map, "path"));
  if (map->contains("namespace")) {
    TRY(file.ns, text_at(*map, "namespace"));
  }
  const auto items = map->find("items");
  if (items == map->end()) return base::invalid("items is missing");
  TRY(file.items, items_of(items->second));
  return file;
}

std::set<std::string> managed_keys(const Items& items) {
  std::set<std::string> keys;
  const auto listed = items.find(managed_item);
  if (listed == items.end()) return keys;
  for (std::string& key : base::split(listed->second, ','))
    if (!key.empty()) keys.insert(std::move(key));
  return keys;
}

Items merged(const Items& before, const Items& wanted, bool prune) {
  Items after = before;
  const std::set<std::string> managed = managed_keys(before);
  std::set<std::string> keys;
  for (const auto& [key, value] : wanted) {
    after[key] = value;
    keys.insert(key);
  }
  for (const std::string& key : managed) {
    if (wanted.contains(key)) continue;
    if (prune)
      after.erase(key);
    else
      keys.insert(key);  // still ours, for the day on which it may go
  }
  if (keys == managed) return after;
  after.erase(managed_item);
  after.erase(old_keys_item);
  if (!keys.empty()) after[managed_item] = joined(keys);
  if (!keys.empty() && !managed.empty()) after[old_keys_item] = joined(managed);
  return after;
}

}  // namespace caravan::gitops
