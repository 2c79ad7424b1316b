// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "api/shapes.hpp"
#include "base/text.hpp"
#include "wire/json_in.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

class NodePage {
 public:
  NodePage(const Readers& readers, server::Jobs& jobs, server::Drainer& drainer,
           server::Operator& operators)
      : readers_(readers), jobs_(jobs), drainer_(drainer), operator_(operators) {}

  Task<Result> list_nodes(Call& call) {
    CO_TRY(const std::string prefix, id_prefix(call));
    CO_TRY(const bool resources, flag(call, "resources", false));
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.nodes.each([&](const base::NodeId& id, const state::Ref<model::Node>& node) {
        const std::string text = id.to_string();
        if (text.starts_with(prefix)) rows.push_back({text, node_stub(*node, resources)});
      });
      return list(call, std::move(rows), tables.index_of(Table::nodes));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::nodes)}, look);
  }

  Task<Result> get_node(Call& call) {
    CO_TRY(const base::NodeId id, id_param<base::NodeId>(call, "node"));
    const Look look = [id](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::Node> node = tables.node(id);
      if (!node) return base::fail(base::Code::not_found, "node not found");
      return View{node_json(*node), node->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::node(id)}, look);
  }

  Task<Result> allocations(Call& call) {
    CO_TRY(const base::NodeId id, id_param<base::NodeId>(call, "node"));
    const Look look = [&, id](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_node(id))
        if (shows(call, alloc->job->ns))
          rows.push_back({alloc->id.to_string(), alloc_json(*alloc)});
      return list(call, std::move(rows), tables.index_of_prefix(state::prefix::allocs_of_node(id)));
    };
    co_return co_await read(readers_, call, {state::prefix::allocs_of_node(id)}, look);
  }

  /// Without ?namespace= all are asked for.
  static bool shows(const Call& call, const std::string& ns) {
    const bool asked = !call.request.query.has("namespace") || call.ns() == "*" || call.ns() == ns;
    return asked && call.caller.may(Capability::read_job, ns);
  }

  Task<Result> eligibility(Call& call) {
    CO_TRY(const base::NodeId id, id_param<base::NodeId>(call, "node"));
    CO_TRY(const json::Value body, body_object(call));
    const std::string* wanted = body.at("Eligibility").as_string();
    if (!wanted || (*wanted != "eligible" && *wanted != "ineligible")) {
      co_return base::invalid("Eligibility: neither eligible nor ineligible");
    }
    std::vector<base::EvalId> evals;
    CO_TRY(const server::JobReply reply,
           co_await jobs_.set_eligibility(id, *wanted == "eligible", evals));
    co_return node_written(reply.index, evals);
  }

  Task<Result> evaluate(Call& call) {
    CO_TRY(const base::NodeId id, id_param<base::NodeId>(call, "node"));
    CO_TRY(const server::Operator::NodeReply reply, co_await operator_.evaluate_node(id));
    co_return node_written(reply.index, reply.evals);
  }

  Task<Result> purge(Call& call) {
    CO_TRY(const base::NodeId id, id_param<base::NodeId>(call, "node"));
    CO_TRY(const server::Operator::NodeReply reply, co_await operator_.purge_node(id));
    co_return node_written(reply.index, reply.evals);
  }

  Task<Result> drain(Call& call) {
    CO_TRY(const base::NodeId id, id_param<base::NodeId>(call, "node"));
    CO_TRY(const json::Value body, body_object(call));
    server::DrainRequest request;
    request.node_id = id;
    if (const json::Object* spec = body.at("DrainSpec").as_object()) {
      CO_TRY(request.strategy, wire::from_json<model::DrainStrategy>(*spec, "DrainSpec"));
    } else if (!body.at("DrainSpec").is_null()) {
      co_return base::invalid("DrainSpec: neither an object nor null");
    }
    const bool* mark = body.at("MarkEligible").as_bool();
    request.mark_eligible = mark && *mark;
    if (const json::Object* meta = body.at("Meta").as_object())
      for (const json::Member& member : *meta)
        if (const std::string* value = member.value.as_string()) request.meta[member.name] = *value;
    CO_TRY(const server::DrainReply reply, co_await drainer_.set(std::move(request)));
    co_return node_written(reply.index, reply.evals);
  }

 private:
  static Answer node_written(std::uint64_t index, const std::vector<base::EvalId>& evals) {
    json::Array ids;
    for (const base::EvalId& eval : evals)
      ids.push_back(eval.to_string());
    Answer answer;
    answer.index = index;
    answer.body =
        json::to_string(json::Object{{"NodeModifyIndex", index},
                                     {"EvalIDs", ids.empty() ? json::Value() : json::Value(ids)},
                                     {"EvalCreateIndex", ids.empty() ? 0 : index},
                                     {"HeartbeatTTL", 0},
                                     {"Index", index}});
    return answer;
  }

  Readers readers_;
  server::Jobs& jobs_;
  server::Drainer& drainer_;
  server::Operator& operator_;
};

}  // namespace

std::vector<Route> node_routes(const Readers& readers, server::Jobs& jobs, server::Drainer& drainer,
                               server::Operator& operators) {
  const auto page = std::make_shared<NodePage>(readers, jobs, drainer, operators);
  const auto to = handlers_of(page);
  return {
      {"GET", "/v1/nodes", Capability::node_read, to(&NodePage::list_nodes)},
      {"GET", "/v1/node/:id", Capability::node_read, to(&NodePage::get_node)},
      {"GET", "/v1/node/:id/allocations", Capability::node_read, to(&NodePage::allocations)},
      {"PUT POST", "/v1/node/:id/eligibility", Capability::node_write, to(&NodePage::eligibility)},
      {"PUT POST", "/v1/node/:id/drain", Capability::node_write, to(&NodePage::drain)},
      {"PUT POST", "/v1/node/:id/evaluate", Capability::node_write, to(&NodePage::evaluate)},
      {"PUT POST", "/v1/node/:id/purge", Capability::node_write, to(&NodePage::purge)},
  };
}

}  // namespace caravan::api::nomad
