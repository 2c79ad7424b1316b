// SPDX-License-Identifier: Apache-2.0
// Prepared queries: kept, shown, and executed.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/pages.hpp"
#include "api/consul/query_shapes.hpp"
#include "api/consul/shapes.hpp"
#include "base/text.hpp"
#include "catalog/prepared_queries.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;
using QueryRef = state::Ref<model::PreparedQuery>;

std::unexpected<base::Error> not_found() {
  return base::fail(base::Code::not_found, catalog::query_not_found);
}

/// Of one without a name the id is as good as a secret: who knows it may do with it what he likes.
bool may(const Call& call, Capability capability, const model::PreparedQuery& query) {
  return !query.is_named() || call.caller.may(capability, query.name);
}

base::Status require(const Call& call, Capability capability, const model::PreparedQuery& query) {
  if (may(call, capability, query)) return {};
  return base::fail(base::Code::denied, acl::permission_denied);
}

base::Result<std::size_t> limit_of(const Call& call) {
  if (!call.request.query.has("limit")) return 0;
  const base::Result<long long> limit = base::parse_int(call.request.query.get("limit"));
  if (!limit || *limit < 0)
    return base::invalid("limit: not a number from 0 on");
  return static_cast<std::size_t>(*limit);
}

class QueryPage {
 public:
  QueryPage(const Readers& readers, server::PreparedQueries& queries, QueryHelp help, Nodes nodes)
      : readers_(readers), queries_(queries), help_(std::move(help)), nodes_(std::move(nodes)) {}

  Task<Result> create(Call& call) {
    CO_TRY(model::PreparedQuery query, query_of(call));
    CO_TRY_VOID(require(call, Capability::query_write, query));
    CO_TRY(const base::Uuid id, co_await queries_.create(std::move(query)));
    co_return json_answer(json::Object{{"ID", id.to_string()}});
  }

  Task<Result> update(Call& call) {
    CO_TRY(const QueryRef old, known(call, Capability::query_write));
    CO_TRY(model::PreparedQuery query, query_of(call));
    CO_TRY_VOID(require(call, Capability::query_write, query));
    query.id = old->id;
    CO_TRY_VOID(co_await queries_.update(std::move(query)));
    co_return empty_answer();
  }

  Task<Result> remove(Call& call) {
    CO_TRY(const QueryRef old, known(call, Capability::query_write));
    CO_TRY_VOID(co_await queries_.remove(old->id));
    co_return empty_answer();
  }

  Task<Result> get(Call& call) {
    CO_TRY(const QueryRef first, known(call, Capability::query_read));
    const base::Uuid id = first->id;
    const Look look = [&call, id](const Tables& tables) -> base::Result<View> {
      const QueryRef query = tables.prepared_query(id);
      if (!query) return not_found();
      TRY_VOID(require(call, Capability::query_read, *query));
      json::Array shown = {query_json(*query, call.caller.is_management())};
      return View{json::to_string(std::move(shown)), query->modify_index};
    };
    co_return co_await read(readers_, call, {state::key::prepared_query(id)}, look);
  }

  Task<Result> list_queries(Call& call) {
    const Look look = [&call](const Tables& tables) -> base::Result<View> {
      const bool sees_all = call.caller.is_management();
      json::Array shown;
      tables.prepared_queries.each([&](const base::Uuid&, const QueryRef& query) {
        if (sees_all || (query->is_named() && may(call, Capability::query_read, *query)))
          shown.emplace_back(query_json(*query, sees_all));
      });
      return View{json::to_string(std::move(shown)), tables.index_of(Table::prepared_queries)};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::prepared_queries)}, look);
  }

  Task<Result> explain(Call& call) {
    const state::Snapshot tables = readers_.store.snapshot();
    const auto query = catalog::find_query(*tables, call.param("id"));
    if (!query) co_return not_found();
    CO_TRY_VOID(require(call, Capability::query_read, *query));
    co_return answered(
        json::Object{{"Query", query_json(*query, call.caller.is_management())}});
  }

  Task<Result> execute(Call& call) {
    CO_TRY(const std::size_t limit, limit_of(call));
    CO_TRY(const bool only_passing, flag(call, "passing", false));
    CO_TRY(const bool connect, flag(call, "connect", false));
    state::Snapshot tables = readers_.store.snapshot();
    auto query = catalog::find_query(*tables, call.param("id"));
    if (!query) co_return not_found();
    query->service.only_passing |= only_passing;
    query->service.connect |= connect;
    base::Result<acl::Authorized> as = call.caller;
    if (!query->token.empty()) as = help_.gate.who(query->token);
    if (!as) co_return std::unexpected(as.error());
    catalog::Fallback found{help_.datacenter, selected_for(*as, *tables, query->service), 0};
    const bool is_here = !found.instances.empty();
    if (!is_here && catalog::wants_failover(query->service)) {
      tables = nullptr;  // an old state is not kept while others are asked
      const std::string secret = query->token.empty() ? secret_of(call.request) : query->token;
      found = co_await help_.fall_back(query->service, secret);
    }
    if (found.datacenter.empty()) found.datacenter = help_.datacenter;
    json::Array rows = rows_in_any_order(std::move(found.instances), found.datacenter);
    // Of the places of nodes elsewhere nothing is known here.
    const std::string near = call.request.query.get("near");
    if (is_here)
      sort_near(*tables, near.empty() ? query->service.near : near, nodes_.asked(call.request),
                rows);
    if (limit > 0 && rows.size() > limit) rows.resize(limit);
    co_return answered(json::Object{{"Service", query->service.service},
                                    {"Nodes", std::move(rows)},
                                    {"DNS", json::Object{{"TTL", query->dns.ttl}}},
                                    {"Datacenter", found.datacenter},
                                    {"Failovers", found.tries},
                                    {"Index", 0},
                                    {"LastContact", 0},
                                    {"KnownLeader", true},
                                    {"ConsistencyLevel", "leader"}});
  }

 private:
  json::Array rows_in_any_order(std::vector<catalog::Instance> found,
                                const std::string& datacenter) const {
    for (std::size_t i = found.size(); i > 1; --i)
      std::swap(found[i - 1], found[help_.below(i)]);
    json::Array rows;
    for (const catalog::Instance& instance : found)
      rows.emplace_back(instance_json(instance, datacenter));
    return rows;
  }

  /// The one that the path names by its id. Errors: not_found, denied.
  base::Result<QueryRef> known(const Call& call, Capability needed) const {
    const base::Result<base::Uuid> id = base::Uuid::parse(call.param("id"));
    const QueryRef query = id ? readers_.store.snapshot()->prepared_query(*id) : nullptr;
    if (!query) return not_found();
    TRY_VOID(require(call, needed, *query));
    return query;
  }

  static Answer answered(json::Object body) {
    Answer answer = json_answer(json::Value(std::move(body)));
    answer.index = 1;  // as it was recorded: nobody can wait for it
    answer.is_read = true;
    return answer;
  }

  const Readers readers_;
  server::PreparedQueries& queries_;
  const QueryHelp help_;
  const Nodes nodes_;
};

}  // namespace

std::vector<catalog::Instance> selected_for(const acl::Authorized& caller, const Tables& tables,
                                            const model::QueryService& query) {
  std::vector<catalog::Instance> found = catalog::selected(tables, query);
  std::erase_if(found, [&](const catalog::Instance& instance) {
    return !caller.may(Capability::service_read, instance.service->name) ||
           !caller.may(Capability::catalog_node_read, instance.node->name);
  });
  return found;
}

std::vector<Route> query_routes(const Readers& readers, server::PreparedQueries& queries,
                                QueryHelp help, Nodes nodes) {
  const auto to = handlers_of(
      std::make_shared<QueryPage>(readers, queries, std::move(help), std::move(nodes)));
  const Need reads{Capability::anyone, Scope::handler,
                   "query:read; of queries without a name, their id"};
  const Need writes{Capability::anyone, Scope::handler, "query:write, if it has a name"};
  const Need executes{Capability::anyone, Scope::handler,
                      "service and node: read, by the query's own token if it has one"};
  return {{"POST", "/v1/query", writes, to(&QueryPage::create)},
          {"GET", "/v1/query", reads, to(&QueryPage::list_queries)},
          {"GET", "/v1/query/:id", reads, to(&QueryPage::get)},
          {"PUT", "/v1/query/:id", writes, to(&QueryPage::update)},
          {"DELETE", "/v1/query/:id", writes, to(&QueryPage::remove)},
          {"GET", "/v1/query/:id/execute", executes, to(&QueryPage::execute)},
          {"GET", "/v1/query/:id/explain", reads, to(&QueryPage::explain)}};
}

}  // namespace caravan::api::consul
