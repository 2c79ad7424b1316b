// SPDX-License-Identifier: Apache-2.0
// A question about a service that is kept under a name or an id, and asked by it; or a template of
// such, for all names that begin alike. Source of the meaning: Consul's public documentation of
// prepared queries.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "model/field.hpp"

namespace caravan::model {

inline constexpr std::size_t prepared_queries_max = 4096;
/// Bytes of a name and of any other text in one, and how many texts a list of them may have.
inline constexpr std::size_t query_name_max = 256, query_text_max = 1024, query_texts_max = 64;

/// The only type of template that there is.
inline constexpr const char* query_name_prefix_match = "name_prefix_match";
/// What is shown in place of a token to those who may not see it.
inline constexpr const char* query_hidden_token = "<hidden>";

struct QueryFailover {
  int nearest_n = 0;  // so many of the nearest datacenters are asked first
  std::vector<std::string> datacenters;
  base::Unknown unknown;
  friend bool operator==(const QueryFailover&, const QueryFailover&) = default;
};
template <class V>
void fields(V& v, QueryFailover& f) {
  v(1, "NearestN", f.nearest_n);
  v(2, "Datacenters", f.datacenters);
  v.unknown(f.unknown);
}

struct QueryService {
  std::string service;
  QueryFailover failover;
  bool only_passing = false;
  std::vector<std::string> ignore_check_ids;
  std::string near;               // a node, or "_agent"
  std::vector<std::string> tags;  // "!x": those that do not have x
  std::map<std::string, std::string> node_meta, service_meta;
  bool connect = false;  // the sidecars before it
  base::Unknown unknown;
  friend bool operator==(const QueryService&, const QueryService&) = default;
};
template <class V>
void fields(V& v, QueryService& s) {
  v(1, "Service", s.service);
  v(2, "Failover", s.failover);
  v(3, "OnlyPassing", s.only_passing);
  v(4, "IgnoreCheckIDs", s.ignore_check_ids);
  v(5, "Near", s.near);
  v(6, "Tags", s.tags);
  v(7, "NodeMeta", s.node_meta);
  v(8, "ServiceMeta", s.service_meta);
  v(9, "Connect", s.connect);
  v.unknown(s.unknown);
}

struct QueryTemplate {
  std::string type;    // "": it is none
  std::string regexp;  // what its match() is of
  bool remove_empty_tags = false;
  base::Unknown unknown;
  friend bool operator==(const QueryTemplate&, const QueryTemplate&) = default;
};
template <class V>
void fields(V& v, QueryTemplate& t) {
  v(1, "Type", t.type);
  v(2, "Regexp", t.regexp);
  v(3, "RemoveEmptyTags", t.remove_empty_tags);
  v.unknown(t.unknown);
}

struct QueryDns {
  std::string ttl;  // a duration; "": that of the service
  base::Unknown unknown;
  friend bool operator==(const QueryDns&, const QueryDns&) = default;
};
template <class V>
void fields(V& v, QueryDns& d) {
  v(1, "TTL", d.ttl);
  v.unknown(d.unknown);
}

struct PreparedQuery {
  base::Uuid id;
  std::string name;    // of a template: what names begin with
  base::Uuid session;  // it ends with it; nil: with none
  std::string token;   // the secret in whose name it is executed; "": in that of who asks
  QueryTemplate as_template;
  QueryService service;
  QueryDns dns;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const PreparedQuery&, const PreparedQuery&) = default;

  bool is_template() const { return !as_template.type.empty(); }
  /// Whether it is found by name, and so governed by rules: others are as secret as their id.
  bool is_named() const { return !name.empty() || is_template(); }
};
template <class V>
void fields(V& v, PreparedQuery& q) {
  v(1, "ID", q.id);
  v(2, "Name", q.name);
  v(3, "Session", q.session);
  v(4, "Token", q.token);
  v(5, "Template", q.as_template);
  v(6, "Service", q.service);
  v(7, "DNS", q.dns);
  v(8, "CreateIndex", q.create_index);
  v(9, "ModifyIndex", q.modify_index);
  v.unknown(q.unknown);
}

/// What is wrong with it, "" when nothing is. Expressions are not looked at.
std::string prepared_query_complaint(const PreparedQuery& query);

}  // namespace caravan::model
