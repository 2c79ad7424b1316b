// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/job_page.hpp"
#include "api/nomad/pages.hpp"
#include "api/shapes.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

class JobPartsPage {
 public:
  explicit JobPartsPage(const Readers& readers) : readers_(readers) {}

  Task<Result> allocations(Call& call) {
    const base::JobId id = job_of(call);
    CO_TRY(const bool all, flag(call, "all", false));
    const Look look = [&, id](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::Job> job = tables.job(id);
      std::vector<Row> rows;
      for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_job(id)) {
        if (!all && job && alloc->job->create_index != job->create_index) continue;
        rows.push_back({alloc->id.to_string(), alloc_stub(*alloc, true, false)});
      }
      return list(call, std::move(rows), tables.index_of_prefix(state::prefix::allocs_of_job(id)));
    };
    co_return co_await read(readers_, call, {state::prefix::allocs_of_job(id)}, look);
  }

  Task<Result> evaluations(Call& call) {
    const base::JobId id = job_of(call);
    const Look look = [&, id](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      for (const state::Ref<model::Evaluation>& eval : tables.evals_of_job(id))
        rows.push_back({eval->id.to_string(), eval_json(*eval)});
      return list(call, std::move(rows), tables.index_of_prefix(state::prefix::evals_of_job(id)));
    };
    co_return co_await read(readers_, call, {state::prefix::evals_of_job(id)}, look);
  }

  Task<Result> deployments(Call& call) {
    const base::JobId id = job_of(call);
    const Look look = [&, id](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      for (const state::Ref<model::Deployment>& d : tables.deployments_of_job(id))
        rows.push_back({d->id.to_string(), deployment_json(*d)});
      return list(call, std::move(rows),
                  tables.index_of_prefix(state::prefix::deployments_of_job(id)));
    };
    co_return co_await read(readers_, call, {state::prefix::deployments_of_job(id)}, look);
  }

  Task<Result> latest_deployment(Call& call) {
    const base::JobId id = job_of(call);
    const Look look = [id](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::Deployment> latest = tables.latest_deployment(id);
      return View{latest ? deployment_json(*latest) : "null",
                  tables.index_of_prefix(state::prefix::deployments_of_job(id)), ""};
    };
    co_return co_await read(readers_, call, {state::prefix::deployments_of_job(id)}, look);
  }

  Task<Result> summary(Call& call) {
    const base::JobId id = job_of(call);
    const Look look = [id](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::JobSummary> summary = tables.summary(id);
      if (!summary) return job_not_found();
      return View{wire::to_json(*summary), summary->modify_index, ""};
    };
    co_return co_await read(readers_, call, {"summary/" + id.ns + "/" + id.id}, look);
  }

  Task<Result> services(Call& call) {
    const base::JobId id = job_of(call);
    const Look look = [&, id](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.services.each(
          [&](const state::ServiceKey& key, const state::Ref<model::ServiceRegistration>& s) {
            if (s->ns == id.ns && s->job_id == id.id)
              rows.push_back({key.second, wire::to_json(*s)});
          });
      return list(call, std::move(rows), tables.index_of(Table::services));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::services)}, look);
  }

 private:
  Readers readers_;
};

}  // namespace

std::vector<Route> job_part_routes(const Readers& readers) {
  const auto page = std::make_shared<JobPartsPage>(readers);
  const auto to = handlers_of(page);
  return {
      {"GET", "/v1/job/:id/allocations", Capability::read_job, to(&JobPartsPage::allocations)},
      {"GET", "/v1/job/:id/evaluations", Capability::read_job, to(&JobPartsPage::evaluations)},
      {"GET", "/v1/job/:id/deployments", Capability::read_job, to(&JobPartsPage::deployments)},
      {"GET", "/v1/job/:id/deployment", Capability::read_job, to(&JobPartsPage::latest_deployment)},
      {"GET", "/v1/job/:id/summary", Capability::read_job, to(&JobPartsPage::summary)},
      {"GET", "/v1/job/:id/services", Capability::read_job, to(&JobPartsPage::services)},
  };
}

}  // namespace caravan::api::nomad
