// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>

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

class AllocationPage {
 public:
  AllocationPage(const Readers& readers, server::Jobs& jobs) : readers_(readers), jobs_(jobs) {}

  Task<Result> list_allocs(Call& call) {
    CO_TRY(const std::string prefix, id_prefix(call));
    CO_TRY(const bool states, flag(call, "task_states", true));
    CO_TRY(const bool resources, flag(call, "resources", false));
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.allocs.each([&](const base::AllocId& id, const state::Ref<model::Allocation>& alloc) {
        const std::string text = id.to_string();
        if (text.starts_with(prefix) && in_namespace(call, alloc->job->ns))
          rows.push_back({text, alloc_stub(*alloc, states, resources)});
      });
      return list(call, std::move(rows), tables.index_of(Table::allocs));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::allocs)}, look);
  }

  Task<Result> get_alloc(Call& call) {
    CO_TRY(const base::AllocId id, id_param<base::AllocId>(call, "alloc"));
    const Look look = [id](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::Allocation> alloc = tables.alloc(id);
      if (!alloc) return base::fail(base::Code::not_found, "alloc not found");
      return View{alloc_json(*alloc), alloc->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::alloc(id)}, look);
  }

  Task<Result> services(Call& call) {
    CO_TRY(const base::AllocId id, id_param<base::AllocId>(call, "alloc"));
    const Look look = [&, id](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      for (const auto& service : tables.services_of_alloc(id))
        if (call.caller.may(Capability::read_job, service->ns))
          rows.push_back({service->id, wire::to_json(*service)});
      return list(call, std::move(rows), tables.index_of(Table::services));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::services)}, look);
  }

  Task<Result> stop(Call& call) {
    CO_TRY(const base::AllocId id, id_param<base::AllocId>(call, "alloc"));
    CO_TRY(const bool no_delay, flag(call, "no_shutdown_delay", false));
    CO_TRY(const server::JobReply reply, co_await jobs_.stop_alloc(id, no_delay));
    Answer answer;
    answer.index = reply.index;
    answer.body = json::to_string(
        json::Object{{"EvalID", reply.eval_id.to_string()}, {"Index", reply.index}});
    co_return answer;
  }

 private:
  Readers readers_;
  server::Jobs& jobs_;
};

}  // namespace

std::vector<Route> allocation_routes(const Readers& readers, server::Jobs& jobs) {
  const auto page = std::make_shared<AllocationPage>(readers, jobs);
  const auto to = handlers_of(page);
  const Need reads{Capability::read_job, Scope::allocation};
  return {
      {"GET",
       "/v1/allocations",
       {Capability::read_job, Scope::list},
       to(&AllocationPage::list_allocs)},
      {"GET", "/v1/allocation/:id", reads, to(&AllocationPage::get_alloc)},
      {"GET", "/v1/allocation/:id/services", reads, to(&AllocationPage::services)},
      {"PUT POST",
       "/v1/allocation/:id/stop",
       {Capability::alloc_lifecycle, Scope::allocation},
       to(&AllocationPage::stop)},
  };
}

}  // namespace caravan::api::nomad
