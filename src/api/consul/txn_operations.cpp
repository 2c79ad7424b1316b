// SPDX-License-Identifier: Apache-2.0
#include "api/consul/txn_operations.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "api/consul/members.hpp"
#include "api/consul/registration.hpp"
#include "base/text.hpp"
#include "json/reader.hpp"
#include "server/kv.hpp"
#include "wire/json_in.hpp"

namespace caravan::api::consul {
namespace {

struct KvAsked {
  std::string verb, key, value, session;
  std::uint64_t flags = 0, index = 0;
};
template <class V>
void fields(V& v, KvAsked& a) {
  v(1, "Verb", a.verb);
  v(2, "Key", a.key);
  v(3, "Value", a.value);
  v(4, "Flags", a.flags);
  v(5, "Index", a.index);
  v(6, "Session", a.session);
}

template <class Verb>
base::Result<Verb> verb_of(std::string_view kind, const std::string& word) {
  constexpr auto names = enum_names(Verb());
  const auto* found = std::ranges::find(names, word);
  if (found == names.end())
    return base::invalid(
        fmt::format("unknown {} verb \"{}\"", kind, base::printable(word, 64)));
  return static_cast<Verb>(found - names.begin());
}

bool is_whole(wire::CatalogVerb verb) {
  return verb == wire::CatalogVerb::set || verb == wire::CatalogVerb::cas;
}

base::Result<wire::KvOperation> kv_operation(const json::Value& said) {
  base::Result<KvAsked> read = wire::from_json<KvAsked>(said, "");
  if (!read) return base::invalid(read.error().message);
  KvAsked& asked = *read;
  wire::KvOperation operation;
  TRY(operation.verb, verb_of<wire::KvVerb>("KV", asked.verb));
  const bool is_tree =
      operation.verb == wire::KvVerb::get_tree || operation.verb == wire::KvVerb::remove_tree;
  const std::string wrong = model::kv_key_complaint(asked.key);
  if (!wrong.empty() && !(is_tree && asked.key.empty())) return base::invalid(wrong);
  base::Result<std::string> value = base::base64_decode(asked.value);
  if (!value) return base::invalid("Value: " + value.error().message);
  if (value->size() > model::kv_value_max)
    return base::fail(
        base::Code::too_large,
        fmt::format("Value for key \"{}\" is too large ({} > {} bytes)",
                    base::printable(asked.key, 128), value->size(), model::kv_value_max));
  const base::Result<base::Uuid> session = base::Uuid::parse(asked.session);
  if (!session) return base::invalid("Session: " + session.error().message);
  operation.key = std::move(asked.key);
  operation.value = *std::move(value);
  operation.flags = asked.flags;
  operation.index = asked.index;
  operation.session = *session;
  return operation;
}

/// The verb, and the object under the operation's own name.
base::Result<wire::CatalogVerb> catalog_verb(std::string_view kind, Members& members) {
  std::string verb;
  TRY_VOID(members.text("Verb", verb));
  return verb_of<wire::CatalogVerb>(kind, verb);
}

base::Result<wire::NodeOperation> node_operation(Members members) {
  wire::NodeOperation operation;
  TRY(operation.verb, catalog_verb("Node", members));
  TRY(json::Object node, object_in("Node", members.take("Node")));
  TRY(operation.node, node_of(std::move(node), is_whole(operation.verb)));
  return operation;
}

base::Result<wire::ServiceOperation> service_operation(Members members) {
  wire::ServiceOperation operation;
  std::string node;
  TRY(operation.verb, catalog_verb("Service", members));
  TRY_VOID(members.text("Node", node));
  if (node.empty()) return base::invalid("Missing node name");
  TRY(json::Object service, object_in("Service", members.take("Service")));
  TRY(operation.service, service_of(std::move(service), is_whole(operation.verb)));
  operation.service.node = std::move(node);
  return operation;
}

base::Result<wire::CheckOperation> check_operation(Members members) {
  wire::CheckOperation operation;
  TRY(operation.verb, catalog_verb("Check", members));
  TRY(json::Object check, object_in("Check", members.take("Check")));
  TRY(operation.check, check_of(std::move(check)));
  return operation;
}

/// Says where something is wrong.
template <class T>
base::Status put_into(std::optional<T>& into, const std::string& place, base::Result<T> read) {
  if (!read) return base::fail(read.error().code, place + ": " + read.error().message);
  into = *std::move(read);
  return {};
}

base::Result<wire::TxnOperation> operation_of(json::Value value, const std::string& at) {
  if (!value.as_object()) return base::invalid(at + ": is not an object");
  Members members(std::move(*value.as_object()));
  wire::TxnOperation operation;
  std::size_t kinds = 0;
  for (const std::string_view kind : {"KV", "Node", "Service", "Check"}) {
    json::Value given = members.take(kind);
    if (given.is_null()) continue;
    const std::string place = fmt::format("{}.{}", at, kind);
    if (!given.as_object()) return base::invalid(place + ": is not an object");
    ++kinds;
    if (kind == "KV") {
      TRY_VOID(put_into(operation.kv, place, kv_operation(given)));
      continue;
    }
    Members inside(std::move(*given.as_object()));
    if (kind == "Node")
      TRY_VOID(put_into(operation.node, place, node_operation(std::move(inside))));
    if (kind == "Service")
      TRY_VOID(put_into(operation.service, place, service_operation(std::move(inside))));
    if (kind == "Check")
      TRY_VOID(put_into(operation.check, place, check_operation(std::move(inside))));
  }
  if (kinds != 1)
    return base::invalid(at + ": one of KV, Node, Service and Check is needed, and only one");
  return operation;
}

}  // namespace

base::Result<std::vector<wire::TxnOperation>> txn_operations(std::string_view body) {
  base::Result<json::Value> parsed = json::parse(body);
  if (!parsed) return base::invalid("Failed to parse body: " + parsed.error().message);
  json::Array* list = parsed->as_array();
  if (!list) return base::invalid("Failed to parse body: not an array of operations");
  if (list->size() > server::kv_operations_max)
    return base::fail(base::Code::too_large,
                      fmt::format("Transaction contains too many operations ({} > {})",
                                  list->size(), server::kv_operations_max));
  std::vector<wire::TxnOperation> operations;
  for (std::size_t i = 0; i < list->size(); ++i) {
    TRY(wire::TxnOperation operation,
        operation_of(std::move((*list)[i]), fmt::format("[{}]", i)));
    operations.push_back(std::move(operation));
  }
  return operations;
}

}  // namespace caravan::api::consul
