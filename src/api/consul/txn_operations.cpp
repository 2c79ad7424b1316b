// SPDX-License-Identifier: Apache-2.0
#include "api/consul/txn_operations.hpp"

#include <algorithm>

#include <fmt/core.h>

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

struct Asked {
  std::optional<KvAsked> kv;
};
template <class V>
void fields(V& v, Asked& a) {
  v(1, "KV", a.kv);
}

base::Result<wire::KvVerb> verb_of(const std::string& word) {
  constexpr auto names = enum_names(wire::KvVerb());
  const auto* found = std::ranges::find(names, word);
  if (found == names.end())
    return base::invalid(fmt::format("unknown KV verb \"{}\"", base::printable(word, 64)));
  return static_cast<wire::KvVerb>(found - names.begin());
}

base::Result<wire::KvOperation> operation_of(KvAsked asked) {
  wire::KvOperation operation;
  TRY(operation.verb, verb_of(asked.verb));
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

}  // namespace

base::Result<std::vector<wire::KvOperation>> txn_operations(std::string_view body) {
  const base::Result<json::Value> parsed = json::parse(body);
  if (!parsed) return base::invalid("Failed to parse body: " + parsed.error().message);
  const json::Array* list = parsed->as_array();
  if (!list) return base::invalid("Failed to parse body: not an array of operations");
  if (list->size() > server::kv_operations_max)
    return base::fail(base::Code::too_large,
                      fmt::format("Transaction contains too many operations ({} > {})",
                                  list->size(), server::kv_operations_max));
  std::vector<wire::KvOperation> operations;
  for (std::size_t i = 0; i < list->size(); ++i) {
    base::Result<Asked> asked = wire::from_json<Asked>((*list)[i], fmt::format("[{}]", i));
    if (!asked) return base::invalid("Failed to parse body: " + asked.error().message);
    if (!asked->kv)
      return base::invalid(fmt::format(
          "Failed to parse body: [{}]: only KV operations are built, and this is none", i));
    base::Result<wire::KvOperation> operation = operation_of(*std::move(asked->kv));
    if (!operation)
      return base::fail(operation.error().code,
                        fmt::format("[{}].KV: {}", i, operation.error().message));
    operations.push_back(*std::move(operation));
  }
  return operations;
}

}  // namespace caravan::api::consul
