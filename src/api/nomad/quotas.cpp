// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "scheduler/quota.hpp"
#include "wire/binary.hpp"
#include "wire/json_in.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

/// By which a usage and its limit are told to belong together.
std::string hash_of(const model::QuotaLimit& limit) {
  return base::base64_encode(fmt::format("{:016x}", base::hash64(wire::encode(limit))));
}

json::Value limit_json(const model::QuotaLimit& limit, const std::string& hash) {
  json::Value value = json::parse(wire::to_json(limit)).value_or(json::Object());
  (*value.as_object())["Hash"] = hash;
  return value;
}

json::Value quota_json(const model::Quota& quota) {
  json::Array limits;
  for (const model::QuotaLimit& limit : quota.limits)
    limits.push_back(limit_json(limit, hash_of(limit)));
  return json::Object{{"Name", quota.name},
                      {"Description", quota.description},
                      {"Limits", std::move(limits)},
                      {"CreateIndex", quota.create_index},
                      {"ModifyIndex", quota.modify_index}};
}

/// What this region uses, under the hash of the limit that it counts against.
json::Value usage_json(const Tables& tables, const model::Quota& quota, const std::string& region) {
  json::Object used;
  if (const model::QuotaLimit* limit = quota.limit_of(region)) {
    model::QuotaLimit usage;
    usage.region = region;
    usage.amounts = scheduler::quota_usage(tables, quota.name);
    const std::string hash = hash_of(*limit);
    used[hash] = limit_json(usage, hash);
  }
  return json::Object{
      {"Name", quota.name},
      {"Used", std::move(used)},
      {"CreateIndex", quota.create_index},
      {"ModifyIndex", std::max(quota.modify_index, tables.index_of(Table::allocs))}};
}

class QuotaPage {
 public:
  QuotaPage(const Readers& readers, server::Operator& operators, std::string region)
      : readers_(readers), operator_(operators), region_(std::move(region)) {}

  Task<Result> list_quotas(Call& call) {
    const Look look = [&](const Tables& tables) {
      return rows(call, tables, tables.index_of(Table::quotas),
                  [](const model::Quota& quota) { return quota_json(quota); });
    };
    co_return co_await read(readers_, call, {state::key::table(Table::quotas)}, look);
  }

  Task<Result> list_usages(Call& call) {
    const Look look = [&](const Tables& tables) {
      const std::uint64_t index =
          std::max(tables.index_of(Table::quotas), tables.index_of(Table::allocs));
      return rows(call, tables, index,
                  [&](const model::Quota& quota) { return usage_json(tables, quota, region_); });
    };
    co_return co_await read(readers_, call, usage_keys(), look);
  }

  Task<Result> get(Call& call) {
    const std::string name = call.param("name");
    const Look look = [name](const Tables& tables) -> base::Result<View> {
      TRY(const state::Ref<model::Quota> quota, find(tables, name));
      return View{json::to_string(quota_json(*quota)), quota->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::quotas)}, look);
  }

  Task<Result> usage(Call& call) {
    const std::string name = call.param("name");
    const Look look = [&, name](const Tables& tables) -> base::Result<View> {
      TRY(const state::Ref<model::Quota> quota, find(tables, name));
      return View{json::to_string(usage_json(tables, *quota, region_)),
                  std::max(quota->modify_index, tables.index_of(Table::allocs)), ""};
    };
    co_return co_await read(readers_, call, usage_keys(), look);
  }

  Task<Result> put(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(model::Quota quota, wire::from_json<model::Quota>(body, "Quota"));
    const auto named = call.params.find("name");
    if (named != call.params.end() && quota.name.empty()) quota.name = named->second;
    if (named != call.params.end() && named->second != quota.name)
      co_return base::invalid("Quota name does not match request path");
    Answer answer;
    CO_TRY(answer.index, co_await operator_.put_quota(std::move(quota)));
    co_return answer;
  }

  Task<Result> remove(Call& call) {
    std::string name = call.param("name");
    Answer answer;
    CO_TRY(answer.index, co_await operator_.delete_quota(std::move(name)));
    co_return answer;
  }

 private:
  static base::Result<state::Ref<model::Quota>> find(const Tables& tables,
                                                     const std::string& name) {
    state::Ref<model::Quota> quota = tables.quota(name);
    if (!quota) return base::fail(base::Code::not_found, "Quota not found");
    return quota;
  }
  static std::vector<std::string> usage_keys() {
    return {state::key::table(Table::quotas), state::key::table(Table::allocs)};
  }
  template <class Show>
  static base::Result<View> rows(const Call& call, const Tables& tables, std::uint64_t index,
                                 Show show) {
    const std::string prefix = call.request.query.get("prefix");
    std::vector<Row> rows;
    tables.quotas.each([&](const std::string& name, const state::Ref<model::Quota>& quota) {
      if (name.starts_with(prefix)) rows.push_back({name, json::to_string(show(*quota))});
    });
    return list(call, std::move(rows), index);
  }

  Readers readers_;
  server::Operator& operator_;
  std::string region_;
};

}  // namespace

std::vector<Route> quota_routes(const Readers& readers, server::Operator& operators,
                                std::string region) {
  const auto page = std::make_shared<QuotaPage>(readers, operators, std::move(region));
  const auto to = handlers_of(page);
  return {
      {"GET", "/v1/quotas", Capability::quota_read, to(&QuotaPage::list_quotas)},
      {"GET", "/v1/quota-usages", Capability::quota_read, to(&QuotaPage::list_usages)},
      {"GET", "/v1/quota/usage/:name", Capability::quota_read, to(&QuotaPage::usage)},
      {"PUT POST", "/v1/quota", Capability::quota_write, to(&QuotaPage::put)},
      {"GET", "/v1/quota/:name", Capability::quota_read, to(&QuotaPage::get)},
      {"PUT POST", "/v1/quota/:name", Capability::quota_write, to(&QuotaPage::put)},
      {"DELETE", "/v1/quota/:name", Capability::quota_write, to(&QuotaPage::remove)},
  };
}

}  // namespace caravan::api::nomad
