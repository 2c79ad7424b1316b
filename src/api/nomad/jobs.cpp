// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/job_page.hpp"
#include "api/nomad/pages.hpp"
#include "api/shapes.hpp"
#include "base/text.hpp"
#include "wire/job_in.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

/// "If": ["node-down=web1", "node-add=large:2"]. Errors: invalid.
base::Result<std::vector<server::Supposition>> suppositions_in(const json::Value& given) {
  std::vector<server::Supposition> suppositions;
  if (given.is_null()) return suppositions;
  const json::Array* list = given.as_array();
  if (!list) return base::invalid("If: not an array");
  if (list->size() > server::suppositions_max)
    return base::invalid(
        fmt::format("If: {} suppositions, at most {}", list->size(), server::suppositions_max));
  for (const json::Value& each : *list) {
    const std::string* text = each.as_string();
    if (!text) return base::invalid(fmt::format("If[{}]: not a string", suppositions.size()));
    const base::Result<server::Supposition> one = server::parse_supposition(*text);
    if (!one)
      return base::invalid(fmt::format("If[{}]: {}", suppositions.size(), one.error().message));
    suppositions.push_back(*one);
  }
  return suppositions;
}

/// As a further member of the plan's answer: those that the caller may read.
std::string affected_json(const std::vector<server::Affected>& jobs,
                          const acl::Authorized& caller) {
  std::vector<std::string> lines;
  for (const server::Affected& job : jobs)
    if (caller.may(Capability::read_job, job.job.ns))
      lines.push_back(fmt::format(
          "{{\"JobID\":{},\"Namespace\":{},\"Priority\":{},\"Placed\":{},\"Stopped\":{},"
          "\"FailedTGAllocs\":{}}}",
          json::to_string(job.job.id), json::to_string(job.job.ns), job.priority, job.placed,
          job.stopped, wire::to_json(job.failed_groups)));
  return fmt::format(",\"Affected\":[{}]", base::join(lines, ","));
}

/// In what it names no region, a job that goes anywhere says.
constexpr const char* any_region = "global";

class JobPage {
 public:
  JobPage(const Readers& readers, server::Jobs& jobs, std::string region)
      : readers_(readers), jobs_(jobs), region_(std::move(region)) {}

  Task<Result> list_jobs(Call& call) {
    CO_TRY(const bool with_meta, flag(call, "meta", false));
    const std::string prefix = call.request.query.get("prefix");
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.jobs.each([&](const base::JobId& id, const state::Ref<model::Job>& job) {
        if (in_namespace(call, id.ns) && id.id.starts_with(prefix) &&
            call.caller.may(Capability::list_jobs, id.ns))
          rows.push_back(
              {call.ns() == "*" ? id.ns + "." + id.id : id.id, job_stub(*job, tables, with_meta)});
      });
      const std::uint64_t index =
          std::max(tables.index_of(Table::jobs), tables.index_of(Table::summaries));
      return list(call, std::move(rows), index);
    };
    Sharing sharing;
    if (call.ns() != "*") {  // in one namespace, a caller sees all or nothing
      const bool sees = call.caller.may(Capability::list_jobs, call.ns());
      sharing.key = (sees ? "sees " : "blind ") + shared_target(call);
      sharing.index = [](const Tables& tables) {
        return std::max(tables.index_of(Table::jobs), tables.index_of(Table::summaries));
      };
    }
    co_return co_await read(readers_, call,
                            {state::key::table(Table::jobs), state::key::table(Table::summaries)},
                            sharing, look);
  }

  Task<Result> register_job(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    json::Value given = body.at("Job");
    if (given.is_null()) co_return base::invalid("Job must be specified");
    if (auto elsewhere = place(call, given)) co_return *std::move(elsewhere);
    server::JobRequest request;
    CO_TRY(request.job, wire::job_from_json(given));
    CO_TRY_VOID(call.caller.require(Capability::register_job, request.job.ns));
    if (call.params.contains("id") && request.job.id != call.param("id"))
      co_return base::invalid("Job ID does not match name");
    const auto asked = [&](const char* key) {
      const bool* value = body.at(key).as_bool();
      return value && *value;
    };
    if (asked("EnforceIndex"))
      request.enforce_index = static_cast<std::uint64_t>(body.at("JobModifyIndex").number());
    request.preserve_counts = asked("PreserveCounts");
    request.preserve_resources = asked("PreserveResources");
    request.eval_priority = static_cast<int>(body.at("EvalPriority").number());
    if (request.eval_priority < 0 || request.eval_priority > 100)
      co_return base::invalid(
          fmt::format("EvalPriority: {} is outside 1..100", request.eval_priority));
    if (const std::string* source = body.at("Submission").at("Source").as_string())
      request.source = *source;
    if (const std::string* format = body.at("Submission").at("Format").as_string())
      request.source_format = *format;
    CO_TRY(const server::JobReply reply, co_await jobs_.submit(std::move(request)));
    co_return written(reply);
  }

  Task<Result> get_job(Call& call) {
    const base::JobId id = job_of(call);
    const Look look = [id](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::Job> job = tables.job(id);
      if (!job) return job_not_found();
      return View{job_json(*job), job->modify_index, ""};
    };
    const Sharing sharing{"job " + state::key::job(id), [id](const Tables& tables) {
                            const state::Ref<model::Job> job = tables.job(id);
                            return job ? job->modify_index : 0;
                          }};
    co_return co_await read(readers_, call, {state::key::job(id)}, sharing, look);
  }

  Task<Result> delete_job(Call& call) {
    CO_TRY(const bool purge, flag(call, "purge", false));
    CO_TRY(const bool no_delay, flag(call, "no_shutdown_delay", false));
    const Capability needed = purge ? Capability::purge_job : Capability::deregister_job;
    CO_TRY_VOID(call.caller.require(needed, call.ns()));
    const std::string priority = call.request.query.get("eval_priority");
    CO_TRY(const long long number, base::parse_int(priority.empty() ? "0" : priority));
    CO_TRY(const server::JobReply reply,
           co_await jobs_.stop(job_of(call), {purge, static_cast<int>(number), no_delay}));
    co_return written(reply);
  }

  Task<Result> plan(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    json::Value given = body.at("Job");
    if (given.is_null()) co_return base::invalid("Job must be specified");
    if (auto elsewhere = place(call, given)) co_return *std::move(elsewhere);
    CO_TRY(model::Job job, wire::job_from_json(given));
    CO_TRY_VOID(call.caller.require(Capability::plan_job, job.ns));
    if (job.id != call.param("id")) co_return base::invalid("Job ID does not match");
    const bool* with_diff = body.at("Diff").as_bool();
    server::DryRunRequest request{std::move(job), with_diff && *with_diff, {}};
    CO_TRY(request.suppositions, suppositions_in(body.at("If")));
    const bool supposes = !request.suppositions.empty();
    CO_TRY(const server::DryRun run, co_await jobs_.plan(std::move(request)));
    Answer answer;
    answer.index = run.index;
    answer.body = fmt::format(
        "{{\"Annotations\":{},\"CreatedEvals\":null,\"Diff\":{},\"FailedTGAllocs\":{},"
        "\"Index\":{},\"JobModifyIndex\":{},\"NextPeriodicLaunch\":{},\"Warnings\":{}}}",
        wire::to_json(run.annotations), run.diff ? wire::to_json(*run.diff) : "null",
        wire::to_json(run.failed_groups), run.index, run.job_modify_index,
        run.next_launch ? json::to_string(base::format_rfc3339(*run.next_launch)) : "null",
        json::to_string(run.warnings));
    if (supposes)
      answer.body.insert(answer.body.size() - 1, affected_json(run.others, call.caller));
    co_return answer;
  }

  Task<Result> evaluate(Call& call) {
    bool force = false;
    if (!base::trim(call.request.body).empty()) {
      CO_TRY(const json::Value body, body_object(call));
      const bool* asked = body.at("EvalOptions").at("ForceReschedule").as_bool();
      force = asked && *asked;
    }
    CO_TRY(const server::JobReply reply, co_await jobs_.evaluate(job_of(call), force));
    co_return written(reply);
  }

 private:
  /// Namespace and region of the request win over those in the body. An answer when the job is for
  /// another region.
  std::optional<Answer> place(const Call& call, json::Value& given) const {
    json::Object* job = given.as_object();
    if (!job) return {};
    if (call.request.query.has("namespace")) (*job)["Namespace"] = call.ns();
    const std::string* named = given.at("Region").as_string();
    const bool is_here = call.request.query.has("region") || !named || named->empty() ||
                         *named == any_region || *named == region_ ||
                         !call.request.headers.get(place_header).empty();
    if (is_here) {
      (*job)["Region"] = region_;
      return {};
    }
    Answer elsewhere;
    elsewhere.place = *named;
    return elsewhere;
  }

  Readers readers_;
  server::Jobs& jobs_;
  const std::string region_;
};

}  // namespace

std::vector<Route> job_routes(const Readers& readers, server::Jobs& jobs, std::string region) {
  const auto page = std::make_shared<JobPage>(readers, jobs, std::move(region));
  const auto to = handlers_of(page);
  const Need registers{Capability::register_job, Scope::handler, "in the namespace of the job"},
      plans{Capability::plan_job, Scope::handler, "in the namespace of the job"},
      ends{Capability::anyone, Scope::handler,
           "namespace:deregister-job, with ?purge namespace:purge-job; or namespace:submit-job"};
  return {
      {"GET", "/v1/jobs", {Capability::list_jobs, Scope::list}, to(&JobPage::list_jobs)},
      {"PUT POST", "/v1/jobs", registers, to(&JobPage::register_job)},
      {"GET", "/v1/job/:id", Capability::read_job, to(&JobPage::get_job)},
      {"PUT POST", "/v1/job/:id", registers, to(&JobPage::register_job)},
      {"DELETE", "/v1/job/:id", ends, to(&JobPage::delete_job)},
      {"PUT POST", "/v1/job/:id/plan", plans, to(&JobPage::plan)},
      {"PUT POST", "/v1/job/:id/evaluate", Capability::evaluate_job, to(&JobPage::evaluate)},
  };
}

}  // namespace caravan::api::nomad
