// SPDX-License-Identifier: Apache-2.0
#include "server/jobs.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "io/task.hpp"
#include "model/implied.hpp"
#include "server/admission.hpp"
#include "server/launch_schedule.hpp"
#include "server/new_eval.hpp"

namespace caravan::server {
namespace {

/// What is no parent, or is one, stays so: what runs would be left to nobody.
base::Status check_kind(const model::Job& old, const model::Job& job) {
  const auto refuse = [](bool was, bool is, std::string_view kind) -> base::Status {
    if (was == is) return {};
    return base::invalid(was ? fmt::format("cannot update {0} job to being non-{0}", kind)
                             : fmt::format("cannot update non-{0} job to being {0}", kind));
  };
  TRY_VOID(refuse(old.is_periodic(), job.is_periodic(), "periodic"));
  return refuse(old.is_parameterized(), job.is_parameterized(), "parameterized");
}

base::Status check_index(const state::Ref<model::Job>& current, std::uint64_t wanted) {
  if (wanted == 0 && current)
    return base::fail(base::Code::conflict, "Enforcing job modify index 0: job already exists");
  if (wanted != 0 && !current)
    return base::fail(base::Code::conflict,
                      fmt::format("Enforcing job modify index {}: job does not exist", wanted));
  if (current && current->job_modify_index != wanted)
    return base::fail(
        base::Code::conflict,
        fmt::format(
            "Enforcing job modify index {}: job exists with conflicting job modify index: {}",
            wanted, current->job_modify_index));
  return {};
}

/// What the request asks to leave as the job has it now.
void keep_from(const model::Job& current, JobRequest& request) {
  for (model::TaskGroup& group : request.job.groups) {
    const model::TaskGroup* old = current.find_group(group.name);
    if (!old) continue;
    if (request.preserve_counts) group.count = old->count;
    if (!request.preserve_resources) continue;
    for (model::Task& task : group.tasks)
      if (const model::Task* before = old->find_task(task.name)) task.resources = before->resources;
  }
}

io::Task<base::Result<DryRun>> run_dry(state::Snapshot snapshot, Fleets& fleets,
                                       DryRunRequest request, base::Instant now) {
  Fleets::Lease lease(fleets);
  co_return dry_run(*snapshot, lease.fleet(), request, now);
}

}  // namespace

std::string error_list(const std::vector<std::string>& lines) {
  std::string text =
      fmt::format("{} error{} occurred:", lines.size(), lines.size() == 1 ? "" : "s");
  for (const std::string& line : lines)
    text += "\n\t* " + line;
  return text;
}

std::string Jobs::complaints(const model::Job& job) {
  std::vector<std::string> lines = model::validate(job);
  for (const std::string& block : model::not_built(job))
    lines.push_back(fmt::format("not built yet: {}", block));
  return lines.empty() ? "" : error_list(lines);
}

io::Task<base::Result<JobReply>> Jobs::submit(JobRequest request) {
  if (std::string wrong = complaints(request.job); !wrong.empty())
    co_return base::invalid(std::move(wrong));
  const base::JobId id = request.job.job_id();
  const state::Snapshot snapshot = store_.snapshot();
  const state::Ref<model::Job> current = snapshot->job(id);
  if (request.enforce_index) CO_TRY_VOID(check_index(current, *request.enforce_index));
  if (current && !current->stop && current->type != request.job.type) {
    co_return base::invalid(fmt::format("Job.Type: cannot change from {} to {}; stop the job first",
                                        model::name_of(current->type),
                                        model::name_of(request.job.type)));
  }
  if (current && !current->stop) CO_TRY_VOID(check_kind(*current, request.job));
  if (request.job.periodic) CO_TRY_VOID(schedule_of(*request.job.periodic, world_.disk));
  if (current) keep_from(*current, request);
  CO_TRY_VOID(check_open(*snapshot));
  CO_TRY_VOID(admit(*snapshot, request.job));
  name_policies(current.get(), request.job, &world_.random);
  model::add_implied_constraints(request.job);
  wire::RegisterJob command;
  command.job = std::move(request.job);
  command.source = std::move(request.source);
  command.source_format = std::move(request.source_format);
  JobReply reply;
  reply.warnings = base::join(model::warnings(command.job), "\n");
  if (!command.job.is_parent()) {
    model::Evaluation eval =
        new_eval(world_.random, command.job, model::triggered_by::job_register);
    if (request.eval_priority > 0) eval.priority = request.eval_priority;
    reply.eval_id = eval.id;
    command.eval = std::move(eval);
  }
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  if (!reply.eval_id.is_nil()) reply.eval_create_index = reply.index;
  const state::Ref<model::Job> stored = store_.snapshot()->job(id);
  reply.job_modify_index = stored ? stored->job_modify_index : reply.index;
  co_return reply;
}

/// Said before the stop: whoever hears of that knows it then.
io::Task<base::Status> Jobs::hurry(base::JobId id) {
  wire::TransitionAllocs command;
  for (const auto& alloc : store_.snapshot()->allocs_of_job(id))
    if (!alloc->terminal())
      command.transitions[alloc->id.to_string()].no_shutdown_delay = true;
  if (command.transitions.empty()) co_return base::Status();
  CO_TRY_VOID(co_await proposals_.propose(std::move(command)));
  co_return base::Status();
}

io::Task<base::Result<JobReply>> Jobs::stop(base::JobId id, JobStop how) {
  const state::Ref<model::Job> job = store_.snapshot()->job(id);
  if (!job) co_return base::fail(base::Code::not_found, "job not found");
  if (how.no_shutdown_delay) CO_TRY_VOID(co_await hurry(id));
  wire::DeregisterJob command;
  command.ns = id.ns;
  command.job_id = id.id;
  command.purge = how.purge;
  JobReply reply;
  if (!job->is_parent()) {
    model::Evaluation eval = new_eval(world_.random, *job, model::triggered_by::job_deregister);
    if (how.eval_priority > 0) eval.priority = how.eval_priority;
    reply.eval_id = eval.id;
    command.eval = std::move(eval);
  }
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  reply.job_modify_index = reply.index;
  if (!reply.eval_id.is_nil()) reply.eval_create_index = reply.index;
  co_return reply;
}

io::Task<base::Result<DryRun>> Jobs::plan(DryRunRequest request) {
  model::Job& job = request.job;
  const state::Snapshot snapshot = store_.snapshot();
  CO_TRY_VOID(admit(*snapshot, job));
  name_policies(snapshot->job(job.job_id()).get(), job, nullptr);
  model::add_implied_constraints(job);
  const base::Instant now = world_.clock.now();
  std::optional<base::Instant> next_launch;
  if (job.periodic && complaints(job).empty()) {
    CO_TRY(const LaunchSchedule schedule, schedule_of(*job.periodic, world_.disk));
    next_launch = schedule.next(now);
  }
  CO_TRY(DryRun run, co_await io::on(world_.executor.lane(io::Lane::pool),
                                     run_dry(snapshot, fleets_, std::move(request), now)));
  run.next_launch = next_launch;
  co_return run;
}

io::Task<base::Result<JobReply>> Jobs::evaluate(base::JobId id, bool force_reschedule) {
  const state::Snapshot snapshot = store_.snapshot();
  const state::Ref<model::Job> job = snapshot->job(id);
  if (!job) co_return base::fail(base::Code::not_found, "job not found");
  if (job->is_periodic()) co_return base::invalid("can't evaluate periodic job");
  if (job->is_parameterized()) co_return base::invalid("can't evaluate parameterized job");
  wire::TransitionAllocs command;
  if (force_reschedule)
    for (const state::Ref<model::Allocation>& alloc : snapshot->allocs_of_job(id))
      if (alloc->client_status == model::ClientStatus::failed && !alloc->server_terminal())
        command.transitions[alloc->id.to_string()].force_reschedule = true;
  model::Evaluation eval = new_eval(world_.random, *job, model::triggered_by::job_register);
  JobReply reply;
  reply.eval_id = eval.id;
  reply.job_modify_index = job->job_modify_index;
  command.evals.push_back(std::move(eval));
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  reply.eval_create_index = reply.index;
  co_return reply;
}

io::Task<base::Result<JobReply>> Jobs::stop_alloc(base::AllocId id, bool no_shutdown_delay) {
  const state::Ref<model::Allocation> alloc = store_.snapshot()->alloc(id);
  if (!alloc) co_return base::fail(base::Code::not_found, "alloc not found");
  wire::TransitionAllocs command;
  model::DesiredTransition& transition = command.transitions[id.to_string()];
  transition.migrate = true;
  if (no_shutdown_delay) transition.no_shutdown_delay = true;
  model::Evaluation eval = new_eval(world_.random, *alloc->job, model::triggered_by::alloc_stop);
  JobReply reply;
  reply.eval_id = eval.id;
  command.evals.push_back(std::move(eval));
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  reply.eval_create_index = reply.index;
  co_return reply;
}

io::Task<base::Result<JobReply>> Jobs::set_eligibility(base::NodeId id, bool eligible,
                                                       std::vector<base::EvalId>& evals) {
  const state::Snapshot snapshot = store_.snapshot();
  if (!snapshot->node(id)) co_return base::fail(base::Code::not_found, "node not found");
  wire::UpdateNodeEligibility command;
  command.node_id = id;
  command.eligible = eligible;
  if (eligible) command.evals = evals_for_node(world_.random, *snapshot, id);
  for (const model::Evaluation& eval : command.evals)
    evals.push_back(eval.id);
  JobReply reply;
  CO_TRY(reply.index,
         co_await proposals_.propose(std::move(command), consensus::Priority::control));
  reply.eval_create_index = reply.index;
  co_return reply;
}

}  // namespace caravan::server
