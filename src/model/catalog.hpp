// SPDX-License-Identifier: Apache-2.0
// What the registry knows: nodes, the services on them, and the checks that say how well both are.
// Source of the meaning: Consul's public catalog documentation.
#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "json/value.hpp"
#include "model/field.hpp"
#include "model/service.hpp"

namespace caravan::model {

inline constexpr std::size_t catalog_name_max = 256;  // of nodes, services, checks and their ids
inline constexpr std::size_t check_output_max = 4 * 1024;

/// From the best to the worst.
enum class Health { passing, warning, critical };
constexpr auto enum_names(Health) { return std::array{"passing"sv, "warning"sv, "critical"sv}; }

/// Of the two, the worse one.
inline Health worse(Health a, Health b) { return a < b ? b : a; }

/// The check by which the servers say whether a node's agent lives, and what they say.
inline constexpr const char* alive_check = "serfHealth";
inline constexpr const char* alive_check_name = "Serf Health Status";
inline constexpr const char* agent_alive = "Agent alive and reachable";
inline constexpr const char* agent_silent = "Agent not live or unreachable";

struct CatalogNode {
  std::string name;  // as its agent writes it; two that differ in case only are one
  std::string id, address;
  std::map<std::string, std::string> tagged_addresses, meta;
  bool has_agent = false;  // which beats; others are what somebody has registered
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const CatalogNode&, const CatalogNode&) = default;
};
template <class V>
void fields(V& v, CatalogNode& n) {
  v(1, "Node", n.name);
  v(2, "ID", n.id);
  v(3, "Address", n.address);
  v(4, "TaggedAddresses", n.tagged_addresses);
  v(5, "Meta", n.meta);
  v(6, "HasAgent", n.has_agent);
  v(7, "CreateIndex", n.create_index);
  v(8, "ModifyIndex", n.modify_index);
  v.unknown(n.unknown);
}

struct ServiceAddress {
  std::string address;
  int port = 0;
  base::Unknown unknown;
  friend bool operator==(const ServiceAddress&, const ServiceAddress&) = default;
};
template <class V>
void fields(V& v, ServiceAddress& a) {
  v(1, "Address", a.address);
  v(2, "Port", a.port);
  v.unknown(a.unknown);
}

/// One instance of a service, on one node.
struct CatalogService {
  std::string node;  // the name
  std::string id, name, kind;
  std::vector<std::string> tags;
  std::string address;  // "": the node's
  int port = 0;
  std::map<std::string, ServiceAddress> tagged_addresses;
  std::map<std::string, std::string> meta;
  ServiceWeights weights;
  bool enable_tag_override = false;
  json::Value proxy, connect;  // as they were given
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const CatalogService&, const CatalogService&) = default;
};
template <class V>
void fields(V& v, CatalogService& s) {
  v(1, "Node", s.node);
  v(2, "ID", s.id);
  v(3, "Service", s.name);
  v(4, "Kind", s.kind);
  v(5, "Tags", s.tags);
  v(6, "Address", s.address);
  v(7, "Port", s.port);
  v(8, "TaggedAddresses", s.tagged_addresses);
  v(9, "Meta", s.meta);
  v(10, "Weights", s.weights);
  v(11, "EnableTagOverride", s.enable_tag_override);
  v(12, "Proxy", s.proxy);
  v(13, "Connect", s.connect);
  v(14, "CreateIndex", s.create_index);
  v(15, "ModifyIndex", s.modify_index);
  v.unknown(s.unknown);
}

/// Of a node, or of one of the services on it.
struct CatalogCheck {
  std::string node, id, name;
  Health status = Health::critical;
  std::string notes, output;
  std::string service_id, service_name;  // "": of the node itself
  std::vector<std::string> service_tags;
  std::string type;        // "ttl", "http", …
  json::Value definition;  // how it is asked, as it was given
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const CatalogCheck&, const CatalogCheck&) = default;
};
template <class V>
void fields(V& v, CatalogCheck& c) {
  v(1, "Node", c.node);
  v(2, "CheckID", c.id);
  v(3, "Name", c.name);
  v(4, "Status", c.status);
  v(5, "Notes", c.notes);
  v(6, "Output", c.output);
  v(7, "ServiceID", c.service_id);
  v(8, "ServiceName", c.service_name);
  v(9, "ServiceTags", c.service_tags);
  v(10, "Type", c.type);
  v(11, "Definition", c.definition);
  v(12, "CreateIndex", c.create_index);
  v(13, "ModifyIndex", c.modify_index);
  v.unknown(c.unknown);
}

/// A node and a service, or a check, on it. The node's name is in small letters.
using OnNode = std::pair<std::string, std::string>;

}  // namespace caravan::model
