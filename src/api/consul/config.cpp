// SPDX-License-Identifier: Apache-2.0
// Configuration entries of all kinds.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/config_shape.hpp"
#include "api/consul/intention_shapes.hpp"
#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"
#include "server/config_entries.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using model::ConfigKind;
using state::Tables;
using Result = base::Result<Answer>;
using Entry = state::Ref<model::ConfigEntry>;

/// Where a client is told that what it wrote is kept, and that nothing follows it.
constexpr const char* warning_header = "X-Caravan-Warning";

json::Object entry_json(const model::ConfigEntry& entry) {
  json::Object shown{{"Kind", model::name_of(entry.kind)}, {"Name", entry.name}};
  for (const json::Member& member : *entry.body.as_object())
    shown[member.name] = member.value;
  shown["CreateIndex"] = entry.create_index;
  shown["ModifyIndex"] = entry.modify_index;
  return shown;
}

/// Of a kind that is about a service, or about all of them.
bool may_read(const acl::Authorized& caller, const model::ConfigEntry& entry) {
  switch (entry.kind) {
    case ConfigKind::proxy_defaults:
      return true;
    case ConfigKind::service_intentions:
      return may_read_intentions(caller, entry.name);
    default:
      return caller.may(Capability::service_read, entry.name);
  }
}

base::Status may_write(const acl::Authorized& caller, ConfigKind kind, const std::string& name) {
  switch (kind) {
    case ConfigKind::proxy_defaults:
    case ConfigKind::ingress_gateway:
    case ConfigKind::terminating_gateway:
      return caller.require(Capability::operator_write, "");
    case ConfigKind::service_intentions:
      return may_write_intentions(caller, name);
    default:
      return caller.require(Capability::service_write, name);
  }
}

class ConfigPage {
 public:
  ConfigPage(const Readers& readers, server::ConfigEntries& entries)
      : readers_(readers), entries_(entries) {}

  Task<Result> put(Call& call) {
    CO_TRY(json::Object body, body_of(call));
    CO_TRY(model::ConfigEntry entry, config_entry_of(std::move(body)));
    CO_TRY_VOID(may_write(call.caller, entry.kind, entry.name));
    CO_TRY(const std::optional<std::uint64_t> expected, expected_index(call));
    const ConfigKind kind = entry.kind;
    CO_TRY(const bool done, co_await entries_.put(std::move(entry), expected));
    Answer answer = json_answer(done);
    if (const std::string_view why = config_without_effect(kind); done && !why.empty())
      answer.headers.add(warning_header, fmt::format("{} {}", model::name_of(kind), why));
    co_return answer;
  }

  Task<Result> get(Call& call) {
    CO_TRY(const ConfigKind kind, config_kind_of(call.param("kind")));
    const std::string name = call.param("name");
    model::ConfigEntry asked;
    asked.kind = kind;
    asked.name = name;
    if (!may_read(call.caller, asked))
      co_return base::fail(base::Code::denied, acl::permission_denied);
    const std::string prefix = state::prefix::config_entries(kind);
    const Look look = [kind, name, prefix](const Tables& tables) -> base::Result<View> {
      const Entry entry = tables.config_entry({kind, name});
      if (entry) return View{json::to_string(entry_json(*entry)), entry->modify_index};
      return View{.body = fmt::format("Config entry not found for \"{}\" / \"{}\"",
                                      model::name_of(kind), name),
                  .index = tables.index_of_prefix(prefix),
                  .status = 404};
    };
    CO_TRY(Answer answer, co_await read(readers_, call, {prefix}, look));
    if (answer.status == 404) answer.content_type = "text/plain; charset=utf-8";
    co_return answer;
  }

  Task<Result> list(Call& call) {
    CO_TRY(const ConfigKind kind, config_kind_of(call.param("kind")));
    const std::string prefix = state::prefix::config_entries(kind);
    const Look look = [&call, kind, prefix](const Tables& tables) -> base::Result<View> {
      json::Array rows;
      tables.config_entries.from({kind, ""}, [&](const model::ConfigKey& key, const Entry& entry) {
        if (key.first != kind) return false;
        if (may_read(call.caller, *entry)) rows.emplace_back(entry_json(*entry));
        return true;
      });
      return filtered(call, std::move(rows), tables.index_of_prefix(prefix));
    };
    co_return co_await read(readers_, call, {prefix}, look);
  }

  Task<Result> remove(Call& call) {
    CO_TRY(const ConfigKind kind, config_kind_of(call.param("kind")));
    CO_TRY_VOID(may_write(call.caller, kind, call.param("name")));
    CO_TRY(const std::optional<std::uint64_t> expected, expected_index(call));
    model::ConfigKey key{kind, call.param("name")};
    CO_TRY(const bool done, co_await entries_.remove(std::move(key), expected));
    co_return json_answer(expected ? json::Value(done) : json::Value(json::Object()));
  }

 private:
  const Readers readers_;
  server::ConfigEntries& entries_;
};

}  // namespace

std::vector<Route> config_routes(const Readers& readers, server::ConfigEntries& entries) {
  const auto handle = handlers_of(std::make_shared<ConfigPage>(readers, entries));
  const Need reads{Capability::anyone, Scope::handler,
                   "service: read, of service-intentions intentions: read"};
  const Need writes{Capability::anyone, Scope::handler,
                    "service: write, of service-intentions intentions: write, of gateways and "
                    "proxy-defaults operator: write"};
  return {{"PUT", "/v1/config", writes, handle(&ConfigPage::put)},
          {"GET", "/v1/config/:kind", reads, handle(&ConfigPage::list)},
          {"GET", "/v1/config/:kind/:name", reads, handle(&ConfigPage::get)},
          {"DELETE", "/v1/config/:kind/:name", writes, handle(&ConfigPage::remove)}};
}

}  // namespace caravan::api::consul
