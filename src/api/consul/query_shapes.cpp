// SPDX-License-Identifier: Apache-2.0
#include "api/consul/query_shapes.hpp"

#include "api/consul/shapes.hpp"
#include "wire/json_in.hpp"

namespace caravan::api::consul {
namespace {

json::Value list_or_null(const std::vector<std::string>& list) {
  return list.empty() ? json::Value() : json::Value(json::Array(list.begin(), list.end()));
}

json::Value map_or_null(const std::map<std::string, std::string>& map) {
  if (map.empty()) return {};
  json::Object object;
  for (const auto& [key, value] : map)
    object[key] = value;
  return object;
}

json::Object service_query_json(const model::QueryService& asked) {
  return {{"Service", asked.service},
          {"Failover", json::Object{{"NearestN", asked.failover.nearest_n},
                                    {"Datacenters", list_or_null(asked.failover.datacenters)}}},
          {"OnlyPassing", asked.only_passing},
          {"IgnoreCheckIDs", list_or_null(asked.ignore_check_ids)},
          {"Near", asked.near},
          {"Tags", list_or_null(asked.tags)},
          {"NodeMeta", map_or_null(asked.node_meta)},
          {"ServiceMeta", map_or_null(asked.service_meta)},
          {"Connect", asked.connect}};
}

}  // namespace

json::Object query_json(const model::PreparedQuery& query, bool shows_token) {
  const bool is_hidden = !shows_token && !query.token.empty();
  return {{"ID", query.id.to_string()},
          {"Name", query.name},
          {"Session", query.session.is_nil() ? "" : query.session.to_string()},
          {"Token", is_hidden ? model::query_hidden_token : query.token},
          {"Template", json::Object{{"Type", query.as_template.type},
                                    {"Regexp", query.as_template.regexp},
                                    {"RemoveEmptyTags", query.as_template.remove_empty_tags}}},
          {"Service", service_query_json(query.service)},
          {"DNS", json::Object{{"TTL", query.dns.ttl}}},
          {"CreateIndex", query.create_index},
          {"ModifyIndex", query.modify_index}};
}

base::Result<model::PreparedQuery> query_of(const Call& call) {
  TRY(const json::Object body, body_of(call));
  base::Result<model::PreparedQuery> query =
      wire::from_json<model::PreparedQuery>(json::Value(body), "Query");
  if (!query) return base::invalid("Request decode failed: " + query.error().message);
  query->id = {};
  query->create_index = query->modify_index = 0;
  return query;
}

}  // namespace caravan::api::consul
