// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/eval_filter.hpp"
#include "api/nomad/pages.hpp"
#include "api/shapes.hpp"
#include "base/text.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

class EvaluationPage {
 public:
  explicit EvaluationPage(const Readers& readers) : readers_(readers) {}

  Task<Result> list_evals(Call& call) {
    CO_TRY(const std::string prefix, id_prefix(call));
    const std::string status = call.request.query.get("status"),
                      job = call.request.query.get("job");
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.evals.each([&](const base::EvalId& id, const state::Ref<model::Evaluation>& eval) {
        const std::string text = id.to_string();
        if (!text.starts_with(prefix) || !in_namespace(call, eval->ns)) return;
        if (!status.empty() && model::name_of(eval->status) != status) return;
        if (!job.empty() && eval->job_id != job) return;
        rows.push_back({text, eval_json(*eval)});
      });
      return list(call, std::move(rows), tables.index_of(Table::evals));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::evals)}, look);
  }

  Task<Result> count(Call& call) {
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      TRY(const std::vector<base::EvalId> matching,
          matching_evals(
              tables, [&](const std::string& ns) { return in_namespace(call, ns); },
              call.request.query.get("filter")));
      return View{fmt::format("{{\"Count\":{}}}", matching.size()), tables.index_of(Table::evals),
                  ""};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::evals)}, look);
  }

  Task<Result> get_eval(Call& call) {
    CO_TRY(const base::EvalId id, id_param<base::EvalId>(call, "eval"));
    CO_TRY(const bool related, flag(call, "related", false));
    const Look look = [&, id, related](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::Evaluation> eval = tables.eval(id);
      if (!eval) return base::fail(base::Code::not_found, "eval not found");
      std::string body = eval_json(*eval);
      if (related) {
        std::vector<std::string> stubs;
        for (const state::Ref<model::Evaluation>& other : related_evals(tables, *eval))
          if (call.caller.may(Capability::read_job, other->ns)) stubs.push_back(eval_stub(*other));
        body.insert(body.size() - 1, fmt::format(",\"RelatedEvals\":[{}]", base::join(stubs, ",")));
      }
      return View{std::move(body), eval->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::eval(id)}, look);
  }

  Task<Result> allocations(Call& call) {
    CO_TRY(const base::EvalId id, id_param<base::EvalId>(call, "eval"));
    const Look look = [&, id](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_eval(id))
        if (call.caller.may(Capability::read_job, alloc->job->ns))
          rows.push_back({alloc->id.to_string(), alloc_stub(*alloc, true, false)});
      return list(call, std::move(rows), tables.index_of(Table::allocs));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::allocs)}, look);
  }

 private:
  Readers readers_;
};

}  // namespace

std::vector<Route> evaluation_routes(const Readers& readers) {
  const auto page = std::make_shared<EvaluationPage>(readers);
  const auto to = handlers_of(page);
  return {
      {"GET",
       "/v1/evaluations",
       {Capability::read_job, Scope::list},
       to(&EvaluationPage::list_evals)},
      {"GET",
       "/v1/evaluations/count",
       {Capability::read_job, Scope::list},
       to(&EvaluationPage::count)},
      {"GET",
       "/v1/evaluation/:id",
       {Capability::read_job, Scope::evaluation},
       to(&EvaluationPage::get_eval)},
      {"GET",
       "/v1/evaluation/:id/allocations",
       {Capability::read_job, Scope::evaluation},
       to(&EvaluationPage::allocations)},
  };
}

}  // namespace caravan::api::nomad
