// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/kv_shapes.hpp"
#include "api/consul/pages.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using wire::KvVerb;
using Result = base::Result<Answer>;
using EntryRef = state::Ref<model::KvEntry>;

/// The key of a request; a list may be of all keys.
std::string key_of(const Call& call) {
  const auto named = call.params.find("key");
  return named == call.params.end() ? "" : named->second;
}

/// The next text after all that begin with `prefix`, which is not empty.
std::string after_all_under(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff')
    prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

/// Names of keys under `prefix` that `may` be shown, in order; what follows the first `separator`
/// behind the prefix is folded into one name. A fold is left as soon as it is known to be shown.
std::vector<std::string> names_under(const Tables& tables, const std::string& prefix,
                                     const std::string& separator,
                                     const std::function<bool(const std::string&)>& may) {
  std::vector<std::string> names;
  std::string from = prefix, folded;
  do {
    folded.clear();
    tables.kv.from(from, [&](const std::string& key, const EntryRef&) {
      if (!key.starts_with(prefix)) return false;
      if (!may(key)) return true;
      const std::size_t at =
          separator.empty() ? std::string::npos : key.find(separator, prefix.size());
      if (at == std::string::npos) {
        names.push_back(key);
        return true;
      }
      folded = key.substr(0, at + separator.size());
      return false;
    });
    if (!folded.empty()) names.push_back(folded);
    from = after_all_under(folded);
  } while (!folded.empty() && !from.empty());
  return names;
}

/// What is not there has the index of the whole table, which never goes back, and wakes a reader
/// only when it comes to be there.
View absent(const Tables& tables, std::uint64_t changed) {
  return {.body = "", .index = tables.index_of(Table::kv), .changed = changed, .status = 404};
}

class KvPage {
 public:
  KvPage(const Readers& readers, server::Kv& kv) : readers_(readers), kv_(kv) {}

  Task<Result> get(Call& call) {
    if (call.request.query.has("recurse")) co_return co_await list(call);
    if (call.request.query.has("keys")) co_return co_await names(call);
    const std::string key = key_of(call);
    if (key.empty()) co_return base::invalid(model::kv_key_complaint(key));
    CO_TRY_VOID(call.caller.require(Capability::key_read, key));
    const bool raw = call.request.query.has("raw");
    const Look look = [key, raw](const Tables& tables) -> base::Result<View> {
      const std::uint64_t changed = tables.kv_changed(key);
      const EntryRef entry = tables.kv_entry(key);
      if (!entry) return absent(tables, changed);
      return View{raw ? entry->value : json::to_string(json::Array{entry_json(*entry)}), changed};
    };
    CO_TRY(Answer answer, co_await read(readers_, call, {state::key::kv(key)}, look));
    if (raw && answer.status == 200) {
      // Whoever may write a value must not get a browser to run it.
      answer.content_type = "text/plain";
      answer.headers.add("X-Content-Type-Options", "nosniff");
      answer.headers.add("Content-Security-Policy", "sandbox");
    }
    co_return answer;
  }

  Task<Result> put(Call& call) {
    wire::KvOperation operation;
    operation.key = key_of(call);
    CO_TRY_VOID(complain(operation.key));
    CO_TRY_VOID(at_most_one_of(call, {"cas", "acquire", "release"}));
    CO_TRY_VOID(call.caller.require(Capability::key_write, operation.key));
    CO_TRY(operation.flags, unsigned_param(call, "flags"));
    CO_TRY(operation.index, unsigned_param(call, "cas"));
    const std::size_t size = call.request.body.size();
    if (size > model::kv_value_max)
      co_return base::fail(base::Code::too_large,
                           fmt::format("Request body({} bytes) too large, max size: {} bytes", size,
                                       model::kv_value_max));
    operation.value = call.request.body;
    if (call.request.query.has("cas")) operation.verb = KvVerb::cas;
    for (const auto& [name, verb] :
         {std::pair("acquire", KvVerb::lock), std::pair("release", KvVerb::unlock)}) {
      if (!call.request.query.has(name)) continue;
      operation.verb = verb;
      CO_TRY(operation.session, session_id(call.request.query.get(name)));
    }
    CO_TRY(const bool done, co_await kv_.write(std::move(operation)));
    co_return json_answer(done);
  }

  Task<Result> remove(Call& call) {
    wire::KvOperation operation;
    operation.key = key_of(call);
    CO_TRY_VOID(at_most_one_of(call, {"recurse", "cas"}));
    CO_TRY(operation.index, unsigned_param(call, "cas"));
    const bool all_under = call.request.query.has("recurse");
    if (!all_under) CO_TRY_VOID(complain(operation.key));
    const bool may = all_under ? call.caller.may_all_under(Capability::key_write, operation.key)
                               : call.caller.may(Capability::key_write, operation.key);
    if (!may) co_return base::fail(base::Code::denied, acl::permission_denied);
    operation.verb = KvVerb::remove;
    if (all_under) operation.verb = KvVerb::remove_tree;
    if (call.request.query.has("cas")) operation.verb = KvVerb::remove_cas;
    CO_TRY(const bool done, co_await kv_.write(std::move(operation)));
    co_return json_answer(done);
  }

 private:
  static base::Status complain(const std::string& key) {
    const std::string wrong = model::kv_key_complaint(key);
    if (wrong.empty()) return {};
    return base::invalid(wrong);
  }

  Task<Result> list(Call& call) {
    const std::string prefix = key_of(call);
    const Look look = [&call, prefix](const Tables& tables) -> base::Result<View> {
      json::Array entries;
      tables.kv.from(prefix, [&](const std::string& key, const EntryRef& entry) {
        if (!key.starts_with(prefix)) return false;
        if (call.caller.may(Capability::key_read, key)) entries.emplace_back(entry_json(*entry));
        return true;
      });
      return listed(tables, prefix, std::move(entries));
    };
    co_return co_await read(readers_, call, {state::key::kv_under(prefix)}, look);
  }

  Task<Result> names(Call& call) {
    const std::string prefix = key_of(call), separator = call.request.query.get("separator");
    const Look look = [&call, prefix, separator](const Tables& tables) -> base::Result<View> {
      json::Array names;
      const auto may = [&](const std::string& key) {
        return call.caller.may(Capability::key_read, key);
      };
      for (std::string& name : names_under(tables, prefix, separator, may))
        names.emplace_back(std::move(name));
      return listed(tables, prefix, std::move(names));
    };
    co_return co_await read(readers_, call, {state::key::kv_under(prefix)}, look);
  }

  static View listed(const Tables& tables, const std::string& prefix, json::Array rows) {
    const std::uint64_t changed = tables.kv_changed_under(prefix);
    if (rows.empty()) return absent(tables, changed);
    return View{json::to_string(std::move(rows)), changed};
  }

  Readers readers_;
  server::Kv& kv_;
};

}  // namespace

std::vector<Route> kv_routes(const Readers& readers, server::Kv& kv) {
  const auto to = handlers_of(std::make_shared<KvPage>(readers, kv));
  const Need reads{Capability::anyone, Scope::handler, "key:read; lists show what may be read"};
  const Need writes{Capability::anyone, Scope::handler, "key:write, on all that is deleted"};
  std::vector<Route> routes;
  for (const char* path : {"/v1/kv/:key", "/v1/kv/"}) {
    routes.push_back({"GET", path, reads, to(&KvPage::get)});
    routes.push_back({"PUT", path, writes, to(&KvPage::put)});
    routes.push_back({"DELETE", path, writes, to(&KvPage::remove)});
  }
  return routes;
}

}  // namespace caravan::api::consul
