// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "json/writer.hpp"
#include "wire/json_in.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using wire::LockStep;
using Result = base::Result<Answer>;
using VariableRef = state::Ref<model::Variable>;

json::Object metadata(const model::Variable& v) {
  json::Object shown{{"Namespace", v.ns},
                     {"Path", v.path},
                     {"CreateIndex", v.create_index},
                     {"ModifyIndex", v.modify_index},
                     {"CreateTime", v.create_time_ns},
                     {"ModifyTime", v.modify_time_ns}};
  if (v.lock)  // without its id, which only the holder knows
    shown["Lock"] = json::Object{{"TTL", base::format_duration(v.lock->ttl)},
                                 {"LockDelay", base::format_duration(v.lock->delay)}};
  return shown;
}

json::Object items_json(const model::VariableItems& items) {
  json::Object shown;
  for (const auto& [name, value] : items)
    shown[name] = value;
  return shown;
}

base::Result<base::Duration> duration_of(const json::Value& lock, const char* key,
                                         base::Duration otherwise) {
  const json::Value& value = lock.at(key);
  if (value.is_null()) return otherwise;
  const std::string* text = value.as_string();
  if (!text) return base::invalid(fmt::format("Lock.{}: not a string such as \"15s\"", key));
  if (text->empty()) return otherwise;
  base::Result<base::Duration> duration = base::parse_duration(*text);
  if (!duration) return base::invalid(fmt::format("Lock.{}: {}", key, duration.error().message));
  return duration;
}

base::Result<model::VariableLock> lock_of(const json::Value& body) {
  model::VariableLock lock;
  const json::Value& given = body.at("Lock");
  if (given.is_null()) return lock;
  if (!given.as_object()) return base::invalid("Lock: not an object");
  if (const json::Value& id = given.at("ID"); !id.is_null()) {
    const std::string* text = id.as_string();
    if (!text) return base::invalid("Lock.ID: not a string");
    if (!text->empty()) {
      const base::Result<base::Uuid> parsed = base::Uuid::parse(*text);
      if (!parsed) return base::invalid("Lock.ID: " + parsed.error().message);
      lock.id = *parsed;
    }
  }
  TRY(lock.ttl, duration_of(given, "TTL", lock.ttl));
  TRY(lock.delay, duration_of(given, "LockDelay", lock.delay));
  return lock;
}

base::Result<std::optional<model::VariableItems>> items_of(const json::Value& body) {
  const json::Value& given = body.at("Items");
  if (given.is_null()) return std::nullopt;
  const json::Object* object = given.as_object();
  if (!object) return base::invalid("Items: not an object");
  model::VariableItems items;
  for (const json::Member& member : *object) {
    const std::string* text = member.value.as_string();
    if (!text)
      return base::invalid(
          fmt::format("Items[\"{}\"]: not a string; other values have to be written as one",
                      base::printable(member.name, 64)));
    items[member.name] = *text;
  }
  return items;
}

/// Which of the bare words of a lock stands in the request.
base::Result<std::string> lock_word(const Call& call) {
  std::string found;
  for (const char* word : {"lock-acquire", "lock-release", "lock-renew"}) {
    if (!call.request.query.has(word)) continue;
    if (!found.empty()) return base::invalid("only one operation on a lock at a time");
    found = word;
  }
  if (!found.empty() && call.request.query.has("cas"))
    return base::invalid("CAS can't be used with lock operations");
  return found;
}

class VariablePage {
 public:
  VariablePage(const Readers& readers, server::Variables& variables)
      : readers_(readers), variables_(variables) {}

  Task<Result> list_variables(Call& call) {
    const std::string prefix = call.request.query.get("prefix");
    const bool all = call.ns() == "*";
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      const auto add = [&](const model::VariableKey& key, const VariableRef& variable) {
        if (!all && key.first != call.ns()) return false;
        if (!key.second.starts_with(prefix)) return all;
        if (call.caller.may_variable(Capability::variable_list, key.first, key.second))
          rows.push_back({key.first + "." + key.second, json::to_string(metadata(*variable))});
        return true;
      };
      tables.variables.from(all ? model::VariableKey() : model::VariableKey(call.ns(), prefix),
                            add);
      return list(call, std::move(rows), tables.index_of(Table::variables));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::variables)}, look);
  }

  Task<Result> get(Call& call) {
    const model::VariableKey key{call.ns(), call.param("path")};
    CO_TRY_VOID(call.caller.require_variable(Capability::variable_read, key.first, key.second));
    const Look look = [&, key](const Tables& tables) -> base::Result<View> {
      const VariableRef variable = tables.variable(key);
      if (!variable) return base::fail(base::Code::not_found, "variable not found");
      TRY(const model::VariableItems items, variables_.open(tables, *variable));
      json::Object shown = metadata(*variable);
      shown["Items"] = items_json(items);
      return View{json::to_string(shown), variable->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::variable(key)}, look);
  }

  Task<Result> put(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    server::VariableWrite write;
    CO_TRY(write.key, key_of(call, body));
    CO_TRY_VOID(call.caller.require_variable(Capability::variable_write, write.key.first,
                                             write.key.second));
    CO_TRY(const std::string word, lock_word(call));
    CO_TRY(write.expected_index, expected_index(call));
    CO_TRY(write.lock, lock_of(body));
    CO_TRY(write.items, items_of(body));
    if (word == "lock-renew")
      co_return shown(call, co_await variables_.renew(write.key, write.lock.id));
    if (word == "lock-acquire") write.step = LockStep::acquire;
    if (word == "lock-release") {
      write.step = LockStep::release;
      write.items.reset();
    }
    if (word.empty() && !write.items)
      co_return base::invalid("variable missing required Items object");
    co_return shown(call, co_await variables_.put(std::move(write)));
  }

  Task<Result> remove(Call& call) {
    const model::VariableKey key{call.ns(), call.param("path")};
    CO_TRY_VOID(call.caller.require_variable(Capability::variable_destroy, key.first, key.second));
    CO_TRY(const std::optional<std::uint64_t> expected, expected_index(call));
    CO_TRY(const server::VariableReply reply,
           co_await variables_.remove(key, expected, base::Uuid()));
    if (reply.is_conflict) co_return shown(call, reply);
    Answer answer;
    answer.status = 204;
    answer.index = reply.index;
    co_return answer;
  }

 private:
  static base::Result<model::VariableKey> key_of(const Call& call, const json::Value& body) {
    model::VariableKey key{call.ns(), call.param("path")};
    const std::string* path = body.at("Path").as_string();
    if (path && !path->empty() && *path != key.second)
      return base::invalid("Path: does not match the path of the request");
    const std::string* ns = body.at("Namespace").as_string();
    if (!ns || ns->empty()) return key;
    if (call.request.query.has("namespace") && *ns != key.first)
      return base::invalid("Namespace: does not match the namespace of the request");
    key.first = *ns;
    return key;
  }

  /// What a write left. A lock's id is shown to who holds it.
  Result shown(const Call& call, const base::Result<server::VariableReply>& reply) const {
    if (!reply) return std::unexpected(reply.error());
    Answer answer;
    answer.index = reply->index;
    answer.status = reply->is_conflict ? 409 : 200;
    json::Object body = reply->variable ? metadata(*reply->variable) : json::Object();
    if (reply->variable) {
      const model::Variable& v = *reply->variable;
      const bool may_see =
          !reply->is_conflict || call.caller.may_variable(Capability::variable_read, v.ns, v.path);
      const state::Snapshot tables = readers_.store.snapshot();
      if (may_see) {
        TRY(const model::VariableItems items, variables_.open(*tables, v));
        body["Items"] = items_json(items);
      }
      if (v.lock && v.lock->id == reply->held)
        (*body["Lock"].as_object())["ID"] = v.lock->id.to_string();
    }
    answer.body = json::to_string(body);
    return answer;
  }

  Readers readers_;
  server::Variables& variables_;
};

}  // namespace

std::vector<Route> variable_routes(const Readers& readers, server::Variables& variables) {
  const auto page = std::make_shared<VariablePage>(readers, variables);
  const auto to = handlers_of(page);
  const Need listed{Capability::variable_list, Scope::handler, "of each path"};
  return {
      {"GET", "/v1/vars", listed, to(&VariablePage::list_variables)},
      {"GET",
       "/v1/var/:path",
       {Capability::variable_read, Scope::handler, "on the path"},
       to(&VariablePage::get)},
      {"PUT POST",
       "/v1/var/:path",
       {Capability::variable_write, Scope::handler, "on the path"},
       to(&VariablePage::put)},
      {"DELETE",
       "/v1/var/:path",
       {Capability::variable_destroy, Scope::handler, "on the path"},
       to(&VariablePage::remove)},
  };
}

}  // namespace caravan::api::nomad
