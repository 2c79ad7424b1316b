// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "wire/json_in.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

class NamespacePage {
 public:
  NamespacePage(const Readers& readers, server::Operator& operators)
      : readers_(readers), operator_(operators) {}

  Task<Result> list_namespaces(Call& call) {
    const std::string prefix = call.request.query.get("prefix");
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      for (const state::Ref<model::Namespace>& space : tables.all_namespaces())
        if (space->name.starts_with(prefix) &&
            call.caller.may(Capability::see_namespace, space->name))
          rows.push_back({space->name, wire::to_json(*space)});
      return list(call, std::move(rows), tables.index_of(Table::namespaces));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::namespaces)}, look);
  }

  Task<Result> get(Call& call) {
    const std::string name = call.param("name");
    const Look look = [name](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::Namespace> space = tables.name_space(name);
      if (!space) return base::fail(base::Code::not_found, "Namespace not found");
      return View{wire::to_json(*space), space->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::namespaces)}, look);
  }

  Task<Result> put(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(model::Namespace space, wire::from_json<model::Namespace>(body, "Namespace"));
    const auto named = call.params.find("name");
    if (named != call.params.end() && space.name.empty()) space.name = named->second;
    if (named != call.params.end() && named->second != space.name)
      co_return base::invalid("Namespace name does not match request path");
    Answer answer;
    CO_TRY(answer.index, co_await operator_.put_namespace(std::move(space)));
    co_return answer;
  }

  Task<Result> remove(Call& call) {
    std::string name = call.param("name");
    Answer answer;
    CO_TRY(answer.index, co_await operator_.delete_namespace(std::move(name)));
    co_return answer;
  }

 private:
  Readers readers_;
  server::Operator& operator_;
};

}  // namespace

std::vector<Route> namespace_routes(const Readers& readers, server::Operator& operators) {
  const auto page = std::make_shared<NamespacePage>(readers, operators);
  const auto to = handlers_of(page);
  return {
      {"GET",
       "/v1/namespaces",
       {Capability::anyone, Scope::handler, "shows those in which the caller may do anything"},
       to(&NamespacePage::list_namespaces)},
      {"PUT POST", "/v1/namespace", Capability::management, to(&NamespacePage::put)},
      {"GET",
       "/v1/namespace/:name",
       {Capability::see_namespace, Scope::named},
       to(&NamespacePage::get)},
      {"PUT POST", "/v1/namespace/:name", Capability::management, to(&NamespacePage::put)},
      {"DELETE", "/v1/namespace/:name", Capability::management, to(&NamespacePage::remove)},
  };
}

}  // namespace caravan::api::nomad
