// SPDX-License-Identifier: Apache-2.0
#include "api/consul/shapes.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "catalog/nearness.hpp"
#include "expr/filter.hpp"
#include "json/reader.hpp"

namespace caravan::api::consul {
namespace {

json::Array list_json(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

json::Object map_json(const std::map<std::string, std::string>& map) {
  json::Object object;
  for (const auto& [key, value] : map)
    object[key] = value;
  return object;
}

json::Object addresses_json(const std::map<std::string, model::ServiceAddress>& addresses) {
  json::Object object;
  for (const auto& [name, at] : addresses)
    object[name] = json::Object{{"Address", at.address}, {"Port", at.port}};
  return object;
}

json::Object weights_json(const model::ServiceWeights& weights) {
  return {{"Passing", weights.passing}, {"Warning", weights.warning}};
}

json::Value proxy_json(const model::CatalogService& service) {
  const json::Object none = {{"MeshGateway", json::Object()}, {"Expose", json::Object()}};
  return service.proxy.is_null() ? json::Value(none) : service.proxy;
}

json::Value connect_json(const model::CatalogService& service) {
  return service.connect.is_null() ? json::Value(json::Object()) : service.connect;
}

}  // namespace

json::Object node_json(const model::CatalogNode& node, const std::string& datacenter) {
  return {{"ID", node.id},
          {"Node", node.name},
          {"Address", node.address},
          {"Datacenter", datacenter},
          {"TaggedAddresses", map_json(node.tagged_addresses)},
          {"Meta", map_json(node.meta)},
          {"CreateIndex", node.create_index},
          {"ModifyIndex", node.modify_index}};
}

json::Object service_json(const model::CatalogService& service) {
  json::Object shown = own_service_json(service);
  shown["Proxy"] = proxy_json(service);
  shown["Connect"] = connect_json(service);
  shown["CreateIndex"] = service.create_index;
  shown["ModifyIndex"] = service.modify_index;
  return shown;
}

json::Object own_service_json(const model::CatalogService& service) {
  json::Object shown;
  if (!service.kind.empty()) shown["Kind"] = service.kind;
  shown["ID"] = service.id;
  shown["Service"] = service.name;
  shown["Tags"] = list_json(service.tags);
  shown["Meta"] = map_json(service.meta);
  shown["Port"] = service.port;
  shown["Address"] = service.address;
  if (!service.tagged_addresses.empty())
    shown["TaggedAddresses"] = addresses_json(service.tagged_addresses);
  shown["Weights"] = weights_json(service.weights);
  shown["EnableTagOverride"] = service.enable_tag_override;
  if (!service.proxy.is_null()) shown["Proxy"] = service.proxy;
  if (!service.connect.is_null()) shown["Connect"] = service.connect;
  return shown;
}

json::Object flat_json(const catalog::Instance& instance, const std::string& datacenter) {
  const model::CatalogNode& node = *instance.node;
  const model::CatalogService& service = *instance.service;
  json::Object shown = {{"ID", node.id},
                        {"Node", node.name},
                        {"Address", node.address},
                        {"Datacenter", datacenter},
                        {"TaggedAddresses", map_json(node.tagged_addresses)},
                        {"NodeMeta", map_json(node.meta)},
                        {"ServiceKind", service.kind},
                        {"ServiceID", service.id},
                        {"ServiceName", service.name},
                        {"ServiceTags", list_json(service.tags)},
                        {"ServiceAddress", service.address}};
  if (!service.tagged_addresses.empty())
    shown["ServiceTaggedAddresses"] = addresses_json(service.tagged_addresses);
  shown["ServiceWeights"] = weights_json(service.weights);
  shown["ServiceMeta"] = map_json(service.meta);
  shown["ServicePort"] = service.port;
  shown["ServiceEnableTagOverride"] = service.enable_tag_override;
  shown["ServiceProxy"] = proxy_json(service);
  shown["ServiceConnect"] = connect_json(service);
  shown["CreateIndex"] = service.create_index;
  shown["ModifyIndex"] = service.modify_index;
  return shown;
}

json::Object check_json(const model::CatalogCheck& check) {
  // Of the check of an agent itself it is the servers' own note.
  const bool is_defined = !check.definition.is_null() && check.id != model::alive_check;
  return {
      {"Node", check.node},
      {"CheckID", check.id},
      {"Name", check.name},
      {"Status", model::name_of(check.status)},
      {"Notes", check.notes},
      {"Output", check.output},
      {"ServiceID", check.service_id},
      {"ServiceName", check.service_name},
      {"ServiceTags", list_json(check.service_tags)},
      {"Type", check.type},
      {"Definition", is_defined ? check.definition : json::Value(json::Object())},
      {"CreateIndex", check.create_index},
      {"ModifyIndex", check.modify_index}};
}

json::Object instance_json(const catalog::Instance& instance, const std::string& datacenter) {
  json::Array checks;
  for (const catalog::Check& check : instance.checks)
    checks.emplace_back(check_json(*check));
  return {{"Node", node_json(*instance.node, datacenter)},
          {"Service", service_json(*instance.service)},
          {"Checks", std::move(checks)}};
}

json::Object place_json(const model::Coordinate& place) {
  return {{"Adjustment", place.adjustment},
          {"Error", place.error},
          {"Height", place.height},
          {"Vec", json::Array(place.vec.begin(), place.vec.end())}};
}

base::Result<json::Object> filtered(const Call& call, json::Object rows) {
  const std::string text = call.request.query.get("filter");
  if (text.empty()) return rows;
  TRY(const expr::Filter filter, expr::Filter::parse(text));
  std::vector<json::Member> kept;
  for (json::Member& row : rows) {
    TRY(const bool matches, filter.matches(row.value));
    if (matches) kept.push_back(std::move(row));
  }
  return json::Object(std::move(kept));
}

base::Result<View> filtered(const Call& call, json::Array rows, std::uint64_t index) {
  if (const std::string text = call.request.query.get("filter"); !text.empty()) {
    TRY(const expr::Filter filter, expr::Filter::parse(text));
    json::Array kept;
    for (json::Value& row : rows) {
      TRY(const bool matches, filter.matches(row));
      if (matches) kept.push_back(std::move(row));
    }
    rows = std::move(kept);
  }
  return View{json::to_string(json::Value(std::move(rows))), index, ""};
}

void sort_near(const Call& call, const state::Tables& tables, const std::string& asked,
               json::Array& rows) {
  sort_near(tables, call.request.query.get("near"), asked, rows);
}

void sort_near(const state::Tables& tables, const std::string& near, const std::string& asked,
               json::Array& rows) {
  if (near.empty()) return;
  const auto node_of = [](const json::Value& row) -> std::string_view {
    const json::Value& node = row.at("Node");
    const std::string* name = node.as_string() ? node.as_string() : node.at("Node").as_string();
    return name ? std::string_view(*name) : std::string_view();
  };
  catalog::Nearness(tables, near == "_agent" ? asked : near).sort(rows, node_of);
}

bool has_node_meta(const Call& call, const model::CatalogNode& node) {
  for (const std::string& wanted : call.request.query.all("node-meta")) {
    const std::size_t colon = wanted.find(':');
    const auto found = node.meta.find(wanted.substr(0, colon));
    if (found == node.meta.end()) return false;
    if (colon != std::string::npos && found->second != wanted.substr(colon + 1)) return false;
  }
  return true;
}

Answer empty_answer() {
  Answer answer;
  answer.content_type = "text/plain; charset=utf-8";
  return answer;
}

base::Result<json::Object> body_of(const Call& call) {
  base::Result<json::Value> value = json::parse(call.request.body);
  if (!value) return base::invalid("Request decode failed: " + value.error().message);
  json::Object* object = value->as_object();
  if (!object) return base::invalid("Request decode failed: the body is not a JSON object");
  return std::move(*object);
}

}  // namespace caravan::api::consul
