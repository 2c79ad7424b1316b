// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "api/shapes.hpp"
#include "wire/json_in.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

std::unexpected<base::Error> pool_not_found() {
  return base::fail(base::Code::not_found, "node pool not found");
}

class NodePoolPage {
 public:
  NodePoolPage(const Readers& readers, server::Operator& operators)
      : readers_(readers), operator_(operators) {}

  Task<Result> list_pools(Call& call) {
    const std::string prefix = call.request.query.get("prefix");
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      for (const state::Ref<model::NodePool>& pool : tables.all_node_pools())
        if (pool->name.starts_with(prefix) && call.caller.may(Capability::pool_read, pool->name))
          rows.push_back({pool->name, wire::to_json(*pool)});
      return list(call, std::move(rows), tables.index_of(Table::node_pools));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::node_pools)}, look);
  }

  Task<Result> get(Call& call) {
    const std::string name = call.param("name");
    const Look look = [name](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::NodePool> pool = tables.node_pool(name);
      if (!pool) return pool_not_found();
      return View{wire::to_json(*pool), pool->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::node_pool(name)}, look);
  }

  Task<Result> put(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(model::NodePool pool, wire::from_json<model::NodePool>(body, "NodePool"));
    const auto named = call.params.find("name");
    if (named != call.params.end() && pool.name.empty()) pool.name = named->second;
    if (named != call.params.end() && named->second != pool.name)
      co_return base::invalid("Node pool name does not match request path");
    CO_TRY_VOID(call.caller.require(Capability::pool_write, pool.name));
    Answer answer;
    CO_TRY(answer.index, co_await operator_.put_pool(std::move(pool)));
    co_return answer;
  }

  Task<Result> remove(Call& call) {
    std::string name = call.param("name");
    Answer answer;
    CO_TRY(answer.index, co_await operator_.delete_pool(std::move(name)));
    co_return answer;
  }

  Task<Result> nodes(Call& call) {
    const std::string name = call.param("name");
    CO_TRY_VOID(call.caller.require(Capability::node_read, ""));
    if (call.request.query.has("prefix")) co_return base::invalid("prefix: not for this list");
    CO_TRY(const bool resources, flag(call, "resources", false));
    const Look look = [&, name](const Tables& tables) -> base::Result<View> {
      if (!tables.node_pool(name)) return pool_not_found();
      std::vector<Row> rows;
      tables.nodes.each([&](const base::NodeId& id, const state::Ref<model::Node>& node) {
        if (name == model::pool_all || node->node_pool == name)
          rows.push_back({id.to_string(), node_stub(*node, resources)});
      });
      return list(call, std::move(rows), tables.index_of(Table::nodes));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::nodes)}, look);
  }

  Task<Result> jobs(Call& call) {
    const std::string name = call.param("name");
    if (call.request.query.has("prefix")) co_return base::invalid("prefix: not for this list");
    CO_TRY(const bool with_meta, flag(call, "meta", false));
    const Look look = [&, name](const Tables& tables) -> base::Result<View> {
      if (!tables.node_pool(name)) return pool_not_found();
      std::vector<Row> rows;
      tables.jobs.each([&](const base::JobId& id, const state::Ref<model::Job>& job) {
        const bool asked = call.ns() == "*" || call.ns() == id.ns;
        if (job->node_pool != name || !asked) return;
        if (!call.caller.may(Capability::list_jobs, id.ns)) return;
        rows.push_back({id.ns + "." + id.id, job_stub(*job, tables, with_meta)});
      });
      return list(call, std::move(rows), tables.index_of(Table::jobs));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::jobs)}, look);
  }

 private:
  Readers readers_;
  server::Operator& operator_;
};

}  // namespace

std::vector<Route> node_pool_routes(const Readers& readers, server::Operator& operators) {
  const auto page = std::make_shared<NodePoolPage>(readers, operators);
  const auto to = handlers_of(page);
  const Need writes{Capability::pool_write, Scope::handler, "on the pool in the body"};
  return {
      {"GET",
       "/v1/node/pools",
       {Capability::anyone, Scope::handler, "shows those on which the caller has node_pool:read"},
       to(&NodePoolPage::list_pools)},
      {"PUT POST", "/v1/node/pools", writes, to(&NodePoolPage::put)},
      {"GET", "/v1/node/pool/:name", {Capability::pool_read, Scope::named}, to(&NodePoolPage::get)},
      {"PUT POST", "/v1/node/pool/:name", writes, to(&NodePoolPage::put)},
      {"DELETE",
       "/v1/node/pool/:name",
       {Capability::pool_delete, Scope::named},
       to(&NodePoolPage::remove)},
      {"GET",
       "/v1/node/pool/:name/nodes",
       {Capability::pool_read, Scope::named, "and node:read"},
       to(&NodePoolPage::nodes)},
      {"GET",
       "/v1/node/pool/:name/jobs",
       {Capability::pool_read, Scope::named, "shows jobs where the caller has list-jobs"},
       to(&NodePoolPage::jobs)},
  };
}

}  // namespace caravan::api::nomad
