// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "api/shapes.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

class DeploymentPage {
 public:
  explicit DeploymentPage(const Readers& readers) : readers_(readers) {}

  Task<Result> list_deployments(Call& call) {
    CO_TRY(const std::string prefix, id_prefix(call));
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.deployments.each(
          [&](const base::DeploymentId& id, const state::Ref<model::Deployment>& d) {
            const std::string text = id.to_string();
            if (text.starts_with(prefix) && in_namespace(call, d->ns))
              rows.push_back({text, deployment_json(*d)});
          });
      return list(call, std::move(rows), tables.index_of(Table::deployments));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::deployments)}, look);
  }

  Task<Result> get_deployment(Call& call) {
    CO_TRY(const base::DeploymentId id, id_param<base::DeploymentId>(call, "deployment"));
    const Look look = [id](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::Deployment> deployment = tables.deployment(id);
      if (!deployment) return base::fail(base::Code::not_found, "deployment not found");
      return View{deployment_json(*deployment), deployment->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::deployment(id)}, look);
  }

  Task<Result> allocations(Call& call) {
    CO_TRY(const base::DeploymentId id, id_param<base::DeploymentId>(call, "deployment"));
    const Look look = [&, id](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_deployment(id))
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

std::vector<Route> deployment_routes(const Readers& readers) {
  const auto page = std::make_shared<DeploymentPage>(readers);
  const auto to = handlers_of(page);
  const Need reads{Capability::read_job, Scope::deployment};
  return {
      {"GET",
       "/v1/deployments",
       {Capability::read_job, Scope::list},
       to(&DeploymentPage::list_deployments)},
      {"GET", "/v1/deployment/:id", reads, to(&DeploymentPage::get_deployment)},
      {"GET", "/v1/deployment/allocations/:id", reads, to(&DeploymentPage::allocations)},
  };
}

}  // namespace caravan::api::nomad
