// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/job_page.hpp"
#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "server/scaling.hpp"
#include "wire/json_in.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

/// The body of a request to scale, as clients send it.
struct Target {
  std::string job, group;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Target& t) {
  v(1, "Job", t.job);
  v(2, "Group", t.group);
  v.unknown(t.unknown);
}
struct Body {
  Target target;
  std::optional<std::int64_t> count;
  std::string message;
  bool error = false;
  json::Object meta;
  std::uint64_t job_modify_index = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Body& b) {
  v(1, "Target", b.target);
  v(2, "Count", b.count);
  v(3, "Message", b.message);
  v(4, "Error", b.error);
  v(5, "Meta", b.meta);
  v(6, "JobModifyIndex", b.job_modify_index);
  v.unknown(b.unknown);
}

std::string group_json(const Tables& tables, const model::Job& job, const model::TaskGroup& group) {
  const server::GroupScale scale = server::group_scale(tables, job, group);
  const auto* scaling = tables.scaling_events.find(job.job_id());
  std::string events = "null";
  if (scaling) {
    const auto found = (*scaling)->events.find(group.name);
    if (found != (*scaling)->events.end()) events = wire::to_json(found->second);
  }
  return fmt::format(
      "{}:{{\"Desired\":{},\"Placed\":{},\"Running\":{},\"Healthy\":{},\"Unhealthy\":{},"
      "\"Events\":{}}}",
      json::to_string(group.name), scale.desired, scale.placed, scale.running, scale.healthy,
      scale.unhealthy, events);
}

std::string policy_stub(const model::ScalingPolicy& policy) {
  return fmt::format(
      "{{\"ID\":{},\"Enabled\":{},\"Type\":{},\"Target\":{},\"CreateIndex\":{},\"ModifyIndex\":{}}"
      "}",
      json::to_string(policy.id), policy.enabled, json::to_string(policy.type),
      wire::to_json(policy.target), policy.create_index, policy.modify_index);
}

class ScalingPage {
 public:
  ScalingPage(const Readers& readers, server::Scaling& scaling)
      : readers_(readers), scaling_(scaling) {}

  Task<Result> status(Call& call) {
    const base::JobId id = job_of(call);
    const Look look = [id](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::Job> job = tables.job(id);
      if (!job) return job_not_found();
      std::vector<std::string> groups;
      for (const model::TaskGroup& group : job->groups)
        groups.push_back(group_json(tables, *job, group));
      const auto* scaling = tables.scaling_events.find(id);
      const std::uint64_t index =
          std::max({job->modify_index, scaling ? (*scaling)->modify_index : 0,
                    tables.index_of_prefix(state::prefix::allocs_of_job(id))});
      return View{fmt::format("{{\"JobID\":{},\"Namespace\":{},\"JobCreateIndex\":{},"
                              "\"JobModifyIndex\":{},\"JobStopped\":{},\"TaskGroups\":{{{}}}}}",
                              json::to_string(job->id), json::to_string(job->ns), job->create_index,
                              job->job_modify_index, job->stop, base::join(groups, ",")),
                  index, ""};
    };
    co_return co_await read(readers_, call,
                            {state::key::job(id), state::prefix::allocs_of_job(id),
                             state::key::table(Table::scaling_events)},
                            look);
  }

  Task<Result> scale(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(Body given, wire::from_json<Body>(body, "ScalingRequest"));
    if (!given.target.job.empty() && given.target.job != call.param("id"))
      co_return base::invalid("Target.Job: does not match the job of the path");
    if (given.target.group.empty()) co_return base::invalid("Target.Group: missing");
    if (!given.count && given.message.empty())
      co_return base::invalid("Count: missing; without one there must be a Message to keep");
    server::ScaleRequest request;
    request.job = job_of(call);
    request.group = given.target.group;
    request.count = given.count;
    request.message = given.message;
    request.error = given.error;
    request.meta = given.meta;
    // Clients whose numbers are never absent send 0 when they do not care.
    if (given.job_modify_index > 0) request.job_modify_index = given.job_modify_index;
    CO_TRY(const server::JobReply reply, co_await scaling_.scale(std::move(request)));
    co_return written(reply);
  }

  Task<Result> policies(Call& call) {
    const std::string job = call.request.query.get("job"), type = call.request.query.get("type");
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.scaling_policies.each([&](const std::string& id, const auto& policy) {
        if (!in_namespace(call, policy->target.at("Namespace"))) return;
        if (!job.empty() && policy->target.at("Job") != job) return;
        if (!type.empty() && !policy->type.starts_with(type)) return;
        rows.push_back({id, policy_stub(*policy)});
      });
      return list(call, std::move(rows), tables.index_of(Table::scaling_policies));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::scaling_policies)}, look);
  }

  Task<Result> policy(Call& call) {
    const std::string id = call.param("id");
    const Look look = [id](const Tables& tables) -> base::Result<View> {
      const auto* policy = tables.scaling_policies.find(id);
      if (!policy) return base::fail(base::Code::not_found, "policy not found");
      return View{wire::to_json(**policy), (*policy)->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::scaling_policies)}, look);
  }

 private:
  Readers readers_;
  server::Scaling& scaling_;
};

}  // namespace

std::vector<Route> scaling_routes(const Readers& readers, server::Scaling& scaling) {
  const auto page = std::make_shared<ScalingPage>(readers, scaling);
  const auto to = handlers_of(page);
  return {
      {"GET", "/v1/job/:id/scale", Capability::read_job_scaling, to(&ScalingPage::status)},
      {"PUT POST", "/v1/job/:id/scale", Capability::scale_job, to(&ScalingPage::scale)},
      {"GET",
       "/v1/scaling/policies",
       {Capability::list_scaling_policies, Scope::list},
       to(&ScalingPage::policies)},
      {"GET",
       "/v1/scaling/policy/:id",
       {Capability::read_scaling_policy, Scope::scaling_policy},
       to(&ScalingPage::policy)},
  };
}

}  // namespace caravan::api::nomad
