// SPDX-License-Identifier: Apache-2.0
#include "api/consul/kv_shapes.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::api::consul {
namespace {


}  // namespace

json::Object entry_json(const model::KvEntry& entry, bool with_value) {
  json::Object shown{{"LockIndex", entry.lock_index}, {"Key", entry.key}, {"Flags", entry.flags}};
  shown["Value"] = with_value && !entry.value.empty()
                       ? json::Value(base::base64_encode(entry.value))
                       : json::Value();
  if (!entry.session.is_nil()) shown["Session"] = entry.session.to_string();
  shown["CreateIndex"] = entry.create_index;
  shown["ModifyIndex"] = entry.modify_index;
  return shown;
}

json::Object session_json(const model::Session& session) {
  json::Array node_checks;
  for (const std::string& check : session.node_checks)
    node_checks.emplace_back(check);
  json::Value service_checks;
  if (!session.service_checks.empty()) {
    json::Array list;
    for (const model::SessionCheck& check : session.service_checks)
      list.emplace_back(json::Object{{"ID", check.id}, {"Namespace", check.ns}});
    service_checks = std::move(list);
  }
  return {{"ID", session.id.to_string()},
          {"Name", session.name},
          {"Node", session.node},
          {"LockDelay", session.lock_delay.count()},
          {"Behavior", model::name_of(session.behavior)},
          {"TTL", session.ttl},
          {"NodeChecks", std::move(node_checks)},
          {"ServiceChecks", std::move(service_checks)},
          {"CreateIndex", session.create_index},
          {"ModifyIndex", session.modify_index}};
}

base::Result<base::Uuid> session_id(const std::string& text) {
  if (text.size() != base::Uuid::characters)
    return base::fail(base::Code::internal,
                      "failed session lookup: index error: UUID must be 36 characters");
  const base::Result<base::Uuid> id = base::Uuid::parse(text);
  if (!id || id->is_nil())
    return base::fail(
        base::Code::internal,
        fmt::format("invalid session \"{}\"", base::printable(text, base::Uuid::characters)));
  return *id;
}

base::Result<std::uint64_t> unsigned_param(const Call& call, const char* name) {
  if (!call.request.query.has(name)) return 0;
  const std::string text = call.request.query.get(name);
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size())
    return base::invalid(fmt::format("{}: \"{}\" is not a whole number from 0 to 2^64-1", name,
                                     base::printable(text, 64)));
  return value;
}

base::Status at_most_one_of(const Call& call, std::initializer_list<const char*> names) {
  const auto given = [&](const char* name) { return call.request.query.has(name); };
  if (std::ranges::count_if(names, given) <= 1) return {};
  const std::size_t mark = call.request.target.find('?');
  return base::invalid("Conflicting flags: " +
                       base::printable(call.request.target.substr(mark + 1), 256));
}

}  // namespace caravan::api::consul
