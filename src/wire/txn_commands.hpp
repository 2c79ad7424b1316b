// SPDX-License-Identifier: Apache-2.0
// Transactions: operations on keys, and on nodes, services and checks of the registry.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/catalog_commands.hpp"
#include "wire/kv_commands.hpp"

namespace caravan::wire {

/// The names are those of the public API. What `cas` and `remove_cas` expect is the modify index of
/// the entry that they carry; 0 expects that there is none.
enum class CatalogVerb { set, cas, get, remove, remove_cas };
constexpr auto enum_names(CatalogVerb) {
  using namespace std::string_view_literals;
  return std::array{"set"sv, "cas"sv, "get"sv, "delete"sv, "delete-cas"sv};
}
inline bool writes(CatalogVerb verb) {
  return verb == CatalogVerb::set || verb == CatalogVerb::cas;
}
inline bool removes(CatalogVerb verb) {
  return verb == CatalogVerb::remove || verb == CatalogVerb::remove_cas;
}

struct NodeOperation {
  CatalogVerb verb = CatalogVerb::set;
  model::CatalogNode node;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, NodeOperation& o) {
  v(1, "Verb", o.verb);
  v(2, "Node", o.node);
  v.unknown(o.unknown);
}

struct ServiceOperation {
  CatalogVerb verb = CatalogVerb::set;
  model::CatalogService service;  // with the name of its node
  /// The name under which whoever asks was allowed to touch what is there, "" when nothing was:
  /// another one is left alone.
  std::string known_name;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ServiceOperation& o) {
  v(1, "Verb", o.verb);
  v(2, "Service", o.service);
  v(3, "KnownName", o.known_name);
  v.unknown(o.unknown);
}

struct CheckOperation {
  CatalogVerb verb = CatalogVerb::set;
  model::CatalogCheck check;  // with the names of its node and service
  /// Whether there was one, and the name of the service that it belonged to, "" for its node. What
  /// is there now under other circumstances is left alone.
  bool is_known = false;
  std::string known_service;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, CheckOperation& o) {
  v(1, "Verb", o.verb);
  v(2, "Check", o.check);
  v(3, "IsKnown", o.is_known);
  v(4, "KnownService", o.known_service);
  v.unknown(o.unknown);
}

/// One of them is there.
struct TxnOperation {
  std::optional<KvOperation> kv;
  std::optional<NodeOperation> node;
  std::optional<ServiceOperation> service;
  std::optional<CheckOperation> check;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, TxnOperation& o) {
  v(1, "KV", o.kv);
  v(2, "Node", o.node);
  v(3, "Service", o.service);
  v(4, "Check", o.check);
  v.unknown(o.unknown);
}

/// All of it happens, or nothing when one of them cannot. What each found is kept for who asks. One
/// of keys alone is an ApplyKv.
struct ApplyTxn {
  std::vector<TxnOperation> operations;
  std::string datacenter;  // of whoever asks, as the answer names it
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ApplyTxn& c) {
  v(1, "Operations", c.operations);
  v(2, "Datacenter", c.datacenter);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
