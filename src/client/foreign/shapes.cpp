// SPDX-License-Identifier: Apache-2.0
#include "client/foreign/shapes.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/registry_place.hpp"

namespace caravan::client {
namespace {

using expr::RegistryPlace;

std::string text_of(const json::Value& value, const char* name) {
  const std::string* text = value.at(name).as_string();
  return text ? *text : "";
}

/// A member, or an empty one of its kind where nothing stands.
json::Value list_of(const json::Value& value, const char* name) {
  const json::Value& found = value.at(name);
  return found.as_array() ? found : json::Value(json::Array());
}
json::Value map_of(const json::Value& value, const char* name) {
  const json::Value& found = value.at(name);
  return found.as_object() ? found : json::Value(json::Object());
}

json::Object node_shape(const json::Value& node) {
  return {{"ID", text_of(node, "ID")},
          {"Node", text_of(node, "Node")},
          {"Address", text_of(node, "Address")},
          {"Datacenter", text_of(node, "Datacenter")},
          {"TaggedAddresses", map_of(node, "TaggedAddresses")},
          {"Meta", map_of(node, "Meta")}};
}

/// The worst of the checks; one that says maintenance is that.
std::string health_of(const json::Value& checks) {
  std::string worst = "passing";
  for (const json::Value& check : *checks.as_array()) {
    const std::string id = text_of(check, "CheckID"), status = text_of(check, "Status");
    if (id == "_node_maintenance" || id.starts_with("_service_maintenance:")) return "maintenance";
    if (status == "critical" || (status == "warning" && worst == "passing")) worst = status;
  }
  return worst;
}

json::Object instance_shape(const json::Value& row, const std::string& health) {
  const json::Value &node = row.at("Node"), &service = row.at("Service");
  const std::string own = text_of(service, "Address");
  return {{"Node", text_of(node, "Node")},
          {"NodeID", text_of(node, "ID")},
          {"NodeAddress", text_of(node, "Address")},
          {"NodeDatacenter", text_of(node, "Datacenter")},
          {"NodeTaggedAddresses", map_of(node, "TaggedAddresses")},
          {"NodeMeta", map_of(node, "Meta")},
          {"ServiceMeta", map_of(service, "Meta")},
          {"Address", own.empty() ? text_of(node, "Address") : own},
          {"ID", text_of(service, "ID")},
          {"Name", text_of(service, "Service")},
          {"Kind", text_of(service, "Kind")},
          {"Port", service.at("Port")},
          {"Status", health},
          {"Tags", list_of(service, "Tags")},
          {"Weights", map_of(service, "Weights")},
          {"Checks", list_of(row, "Checks")},
          {"Namespace", text_of(service, "Namespace")}};
}

base::Result<json::Value> instances(const RegistryPlace& place, const json::Value& body) {
  json::Array all;
  if (const json::Array* rows = body.as_array())
    for (const json::Value& row : *rows) {
      const std::string health = health_of(list_of(row, "Checks"));
      bool is_known = true;
      const bool wanted = expr::wants_health(place.filter, health, is_known);
      if (!is_known)
        return base::invalid(
            fmt::format("\"{}\" is no health of a service: any, passing, warning, critical",
                        base::printable(place.filter, 40)));
      if (wanted) all.emplace_back(instance_shape(row, health));
    }
  return json::Value(std::move(all));
}

base::Result<std::string> value_in(const json::Value& entry) {
  const base::Result<std::string> value = base::base64_decode(text_of(entry, "Value"));
  if (!value || !base::is_utf8(*value)) return base::invalid("what the key holds is no text");
  return *value;
}

json::Value pairs(const RegistryPlace& place, const json::Value& body, bool deep) {
  json::Array all;
  const json::Array* entries = body.as_array();
  if (!entries) return all;
  for (const json::Value& entry : *entries) {
    const std::string key = text_of(entry, "Key");
    if (!key.starts_with(place.name)) continue;
    std::string relative = key.substr(place.name.size());
    if (relative.starts_with('/')) relative.erase(0, 1);
    const bool is_folder = relative.empty() || relative.ends_with('/');
    const bool is_deep = relative.find('/') != std::string::npos;
    const base::Result<std::string> value = value_in(entry);
    if (is_folder || (is_deep && !deep) || !value) continue;
    all.emplace_back(json::Object{{"Path", key},
                                  {"Key", std::move(relative)},
                                  {"Value", *value},
                                  {"Exists", true},
                                  {"CreateIndex", entry.at("CreateIndex")},
                                  {"ModifyIndex", entry.at("ModifyIndex")},
                                  {"LockIndex", entry.at("LockIndex")},
                                  {"Flags", entry.at("Flags")},
                                  {"Session", text_of(entry, "Session")}});
  }
  return all;
}

json::Value named_tags(const json::Value& body) {
  json::Array all;
  if (const json::Object* services = body.as_object())
    for (const json::Member& member : *services)
      all.emplace_back(json::Object{{"Name", member.name}, {"Tags", member.value}});
  return all;
}

json::Value one_node(const json::Value& body) {
  if (!body.as_object()) return {};
  json::Array services;
  if (const json::Object* all = body.at("Services").as_object())
    for (const json::Member& member : *all)
      services.emplace_back(
          json::Object{{"ID", text_of(member.value, "ID")},
                       {"Service", text_of(member.value, "Service")},
                       {"Tags", list_of(member.value, "Tags")},
                       {"Meta", map_of(member.value, "Meta")},
                       {"Port", member.value.at("Port")},
                       {"Address", text_of(member.value, "Address")},
                       {"EnableTagOverride", member.value.at("EnableTagOverride")}});
  return json::Object{{"Node", node_shape(body.at("Node"))}, {"Services", std::move(services)}};
}

/// A key, whose strokes stay.
std::string encoded_path(const std::string& key) {
  std::vector<std::string> parts = base::split(key, '/');
  for (std::string& part : parts)
    part = base::percent_encode(part);
  return base::join(parts, "/");
}

}  // namespace

std::string foreign_path(const std::string& kind, const std::vector<std::string>& arguments,
                         const std::string& own_node) {
  const RegistryPlace place = expr::registry_place(kind, arguments);
  std::string path;
  const std::string name = base::percent_encode(place.name);
  if (kind == "key")
    path = "/v1/kv/" + encoded_path(place.name) + "?";
  else if (kind == "ls" || kind == "tree")
    path = "/v1/kv/" + encoded_path(place.name) + "?recurse&";
  else if (kind == "service" || kind == "connect")
    path = fmt::format("/v1/health/{}/{}?", kind, name);
  else if (kind == "node")
    path = fmt::format("/v1/catalog/node/{}?",
                       place.name.empty() ? base::percent_encode(own_node) : name);
  else
    path = fmt::format("/v1/catalog/{}?", kind);
  const auto add = [&](const char* parameter, const std::string& value) {
    if (!value.empty()) path += fmt::format("{}={}&", parameter, base::percent_encode(value));
  };
  add("tag", place.tag);
  add("near", place.near);
  add("dc", place.datacenter);
  return path;
}

base::Result<json::Value> foreign_value(const std::string& kind,
                                        const std::vector<std::string>& arguments,
                                        const json::Value& body) {
  const RegistryPlace place = expr::registry_place(kind, arguments);
  if (kind == "service" || kind == "connect") return instances(place, body);
  if (kind == "ls" || kind == "tree") return pairs(place, body, kind == "tree");
  if (kind == "services") return named_tags(body);
  if (kind == "node") return one_node(body);
  const json::Array* list = body.as_array();
  if (kind == "key") {
    if (!list || list->empty()) return json::Value();
    TRY(std::string value, value_in(list->front()));
    return json::Value(std::move(value));
  }
  if (kind != "nodes") return body;
  json::Array all;
  if (list)
    for (const json::Value& node : *list)
      all.emplace_back(node_shape(node));
  return json::Value(std::move(all));
}

}  // namespace caravan::client
