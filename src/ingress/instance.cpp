// SPDX-License-Identifier: Apache-2.0
#include "ingress/instance.hpp"

#include "json/reader.hpp"

namespace caravan::ingress {
namespace {

std::string text(const json::Value& value, const char* name) {
  const std::string* found = value.at(name).as_string();
  return found ? *found : "";
}

int number(const json::Value& value, const char* name, int otherwise) {
  const std::int64_t* found = value.at(name).as_int();
  return found && *found >= 0 && *found <= 65'535 ? static_cast<int>(*found) : otherwise;
}

}  // namespace

base::Result<std::vector<Instance>> read_instances(std::string_view body) {
  TRY(const json::Value value, json::parse(body));
  const json::Array* list = value.as_array();
  if (!list) return base::invalid("instances: not a list");
  std::vector<Instance> found;
  for (const json::Value& entry : *list) {
    Instance one;
    one.door = text(entry, "Door");
    one.service = text(entry, "Service");
    one.id = text(entry, "ID");
    one.node = text(entry, "Node");
    one.datacenter = text(entry, "Datacenter");
    one.ns = text(entry, "Namespace");
    one.address = text(entry, "Address");
    one.port = number(entry, "Port", 0);
    one.weight = number(entry, "Weight", 1);
    one.created = entry.at("CreateIndex").as_unsigned().value_or(0);
    if (const json::Array* tags = entry.at("Tags").as_array())
      for (const json::Value& tag : *tags)
        if (tag.as_string()) one.tags.push_back(*tag.as_string());
    if (!one.service.empty() && !one.id.empty()) found.push_back(std::move(one));
  }
  return found;
}

}  // namespace caravan::ingress
