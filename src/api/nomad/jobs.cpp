// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

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

std::unexpected<base::Error> job_not_found() {
  return base::fail(base::Code::not_found, "job not found");
}

base::JobId job_of(const Call& call) { return {call.ns(), call.param("id")}; }

class JobPage {
 public:
  JobPage(const Readers& readers, server::Jobs& jobs) : readers_(readers), jobs_(jobs) {}

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
    co_return co_await read(readers_, call,
                            {state::key::table(Table::jobs), state::key::table(Table::summaries)},
                            look);
  }

  Task<Result> register_job(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    json::Value given = body.at("Job");
    if (given.is_null()) co_return base::invalid("Job must be specified");
    // The namespace of the request wins over the one in the body.
    if (call.request.query.has("namespace") && given.as_object())
      (*given.as_object())["Namespace"] = call.ns();
    server::JobRequest request;
    CO_TRY(request.job, wire::job_from_json(given));
    if (call.params.contains("id") && request.job.id != call.param("id"))
      co_return base::invalid("Job ID does not match name");
    const bool* enforce = body.at("EnforceIndex").as_bool();
    if (enforce && *enforce)
      request.enforce_index = static_cast<std::uint64_t>(body.at("JobModifyIndex").number());
    const bool* preserve = body.at("PreserveCounts").as_bool();
    request.preserve_counts = preserve && *preserve;
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
    co_return co_await read(readers_, call, {state::key::job(id)}, look);
  }

  Task<Result> delete_job(Call& call) {
    CO_TRY(const bool purge, flag(call, "purge", false));
    const std::string priority = call.request.query.get("eval_priority");
    CO_TRY(const long long number, base::parse_int(priority.empty() ? "0" : priority));
    CO_TRY(const server::JobReply reply,
           co_await jobs_.stop(job_of(call), purge, static_cast<int>(number)));
    co_return written(reply);
  }

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

  Task<Result> plan(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    json::Value given = body.at("Job");
    if (given.is_null()) co_return base::invalid("Job must be specified");
    if (call.request.query.has("namespace") && given.as_object())
      (*given.as_object())["Namespace"] = call.ns();
    CO_TRY(model::Job job, wire::job_from_json(given));
    if (job.id != call.param("id")) co_return base::invalid("Job ID does not match");
    const bool* with_diff = body.at("Diff").as_bool();
    CO_TRY(const server::DryRun run, co_await jobs_.plan(std::move(job), with_diff && *with_diff));
    Answer answer;
    answer.index = run.index;
    answer.body = fmt::format(
        "{{\"Annotations\":{},\"CreatedEvals\":null,\"Diff\":{},\"FailedTGAllocs\":{},"
        "\"Index\":{},\"JobModifyIndex\":{},\"NextPeriodicLaunch\":{},\"Warnings\":{}}}",
        wire::to_json(run.annotations), run.diff ? wire::to_json(*run.diff) : "null",
        wire::to_json(run.failed_groups), run.index, run.job_modify_index,
        run.next_launch ? json::to_string(base::format_rfc3339(*run.next_launch)) : "null",
        json::to_string(run.warnings));
    co_return answer;
  }

  Task<Result> revert(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    const std::string* named = body.at("JobID").as_string();
    if (named && !named->empty() && *named != call.param("id"))
      co_return base::invalid("Job ID does not match");
    const auto version_of = [&](const char* key) -> std::optional<std::uint64_t> {
      const auto number = body.at(key).as_int();
      if (!number || *number < 0) return {};
      return static_cast<std::uint64_t>(*number);
    };
    const std::optional<std::uint64_t> version = version_of("JobVersion");
    if (!version) co_return base::invalid("JobVersion: missing, or not a version");
    CO_TRY(const server::JobReply reply,
           co_await jobs_.revert(job_of(call), *version, version_of("EnforcePriorVersion")));
    co_return written(reply);
  }

  Task<Result> set_stable(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    const std::string* named = body.at("JobID").as_string();
    if (named && !named->empty() && *named != call.param("id"))
      co_return base::invalid("Job ID does not match");
    const auto version = body.at("JobVersion").as_int();
    if (!version || *version < 0) co_return base::invalid("JobVersion: missing, or not a version");
    const bool* stable = body.at("Stable").as_bool();
    CO_TRY(const server::JobReply reply,
           co_await jobs_.set_stable(job_of(call), static_cast<std::uint64_t>(*version),
                                     stable && *stable));
    Answer answer;
    answer.index = reply.index;
    answer.body = json::to_string(json::Object{{"Index", reply.index}});
    co_return answer;
  }

  Task<Result> versions(Call& call) {
    const base::JobId id = job_of(call);
    CO_TRY(const bool with_diffs, flag(call, "diffs", false));
    const Look look = [id, with_diffs](const Tables& tables) -> base::Result<View> {
      std::vector<std::string> versions, diffs;
      state::Ref<model::Job> older;
      tables.job_versions.from(
          {id, 0}, [&](const state::JobVersionKey& key, const state::Ref<model::Job>& job) {
            if (key.first != id) return false;
            versions.push_back(job_json(*job));
            if (with_diffs && older) diffs.push_back(wire::to_json(model::diff(older.get(), *job)));
            older = job;
            return true;
          });
      if (versions.empty()) return base::fail(base::Code::not_found, "job versions not found");
      std::ranges::reverse(versions);  // newest first
      std::ranges::reverse(diffs);
      const std::uint64_t index = tables.job(id) ? tables.job(id)->modify_index : tables.index;
      const std::string shown_diffs = diffs.empty() ? "null" : "[" + base::join(diffs, ",") + "]";
      return View{fmt::format("{{\"Versions\":[{}],\"Diffs\":{},\"Index\":{},\"LastContact\":0,"
                              "\"KnownLeader\":true}}",
                              base::join(versions, ","), shown_diffs, index),
                  index, ""};
    };
    co_return co_await read(readers_, call, {state::key::job(id)}, look);
  }

  Task<Result> submission(Call& call) {
    const base::JobId id = job_of(call);
    CO_TRY(const long long version, base::parse_int(call.request.query.get("version")));
    const Look look = [id, version](const Tables& tables) -> base::Result<View> {
      const auto* source = tables.job_sources.find({id, static_cast<std::uint64_t>(version)});
      if (!source) return base::fail(base::Code::not_found, "job source not found");
      const json::Object shown = {{"Source", (*source)->text}, {"Format", (*source)->format},
                                  {"VariableFlags", nullptr},  {"Variables", ""},
                                  {"Namespace", id.ns},        {"JobID", id.id},
                                  {"Version", version}};
      return View{json::to_string(shown), tables.index, ""};
    };
    co_return co_await read(readers_, call, {state::key::job(id)}, look);
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
  static Answer written(const server::JobReply& reply) {
    Answer answer;
    answer.index = reply.index;
    answer.body = json::to_string(
        json::Object{{"EvalID", reply.eval_id.is_nil() ? "" : reply.eval_id.to_string()},
                     {"EvalCreateIndex", reply.eval_create_index},
                     {"JobModifyIndex", reply.job_modify_index},
                     {"Warnings", reply.warnings},
                     {"Index", reply.index},
                     {"LastContact", 0},
                     {"KnownLeader", false},
                     {"NextToken", ""}});
    return answer;
  }

  Readers readers_;
  server::Jobs& jobs_;
};

}  // namespace

std::vector<Route> job_routes(const Readers& readers, server::Jobs& jobs) {
  const auto page = std::make_shared<JobPage>(readers, jobs);
  const auto to = [page](Task<Result> (JobPage::*method)(Call&)) -> Handler {
    return [page, method](Call& call) { return ((*page).*method)(call); };
  };
  return {
      {"GET", "/v1/jobs", Capability::list_jobs, to(&JobPage::list_jobs)},
      {"PUT POST", "/v1/jobs", Capability::submit_job, to(&JobPage::register_job)},
      {"GET", "/v1/job/:id", Capability::read_job, to(&JobPage::get_job)},
      {"PUT POST", "/v1/job/:id", Capability::submit_job, to(&JobPage::register_job)},
      {"DELETE", "/v1/job/:id", Capability::submit_job, to(&JobPage::delete_job)},
      {"GET", "/v1/job/:id/allocations", Capability::read_job, to(&JobPage::allocations)},
      {"GET", "/v1/job/:id/evaluations", Capability::read_job, to(&JobPage::evaluations)},
      {"GET", "/v1/job/:id/deployments", Capability::read_job, to(&JobPage::deployments)},
      {"GET", "/v1/job/:id/deployment", Capability::read_job, to(&JobPage::latest_deployment)},
      {"GET", "/v1/job/:id/summary", Capability::read_job, to(&JobPage::summary)},
      {"PUT POST", "/v1/job/:id/plan", Capability::submit_job, to(&JobPage::plan)},
      {"PUT POST", "/v1/job/:id/revert", Capability::submit_job, to(&JobPage::revert)},
      {"PUT POST", "/v1/job/:id/stable", Capability::submit_job, to(&JobPage::set_stable)},
      {"GET", "/v1/job/:id/versions", Capability::read_job, to(&JobPage::versions)},
      {"GET", "/v1/job/:id/submission", Capability::read_job, to(&JobPage::submission)},
      {"PUT POST", "/v1/job/:id/evaluate", Capability::submit_job, to(&JobPage::evaluate)},
      {"GET", "/v1/job/:id/services", Capability::read_job, to(&JobPage::services)},
  };
}

}  // namespace caravan::api::nomad
