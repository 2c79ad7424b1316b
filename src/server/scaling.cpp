// SPDX-License-Identifier: Apache-2.0
#include "server/scaling.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "io/task.hpp"
#include "server/admission.hpp"
#include "server/new_eval.hpp"

namespace caravan::server {
namespace {

/// Each event keeps at most this many bytes of somebody's words.
constexpr std::size_t message_max = 1024;

base::Status check_request(const ScaleRequest& request) {
  if (!request.count) return {};
  if (request.error)
    return base::invalid("scaling action should not contain count if error is true");
  if (*request.count < 0) return base::invalid("scaling action count can't be negative");
  if (*request.count > model::group_count_max)
    return base::invalid(
        fmt::format("Count: {} is above {}", *request.count, model::group_count_max));
  return {};
}

base::Status check_bounds(const model::TaskGroup& group, std::int64_t count) {
  if (!group.scaling) return {};
  if (count < group.scaling->min)
    return base::invalid(fmt::format("group count was less than scaling policy minimum: {} < {}",
                                     count, group.scaling->min));
  if (count > group.scaling->max)
    return base::invalid(fmt::format("group count was greater than scaling policy maximum: {} > {}",
                                     count, group.scaling->max));
  return {};
}

/// What is kept of a request that a rollout held up.
model::ScalingEvent blocked_event(const ScaleRequest& request, int previous) {
  model::ScalingEvent event;
  event.previous_count = previous;
  event.error = true;
  event.message = "job scaling blocked due to active deployment";
  event.meta = json::Object{{"OriginalMessage", request.message},
                            {"OriginalCount", *request.count},
                            {"OriginalMeta", request.meta}};
  return event;
}

/// Whether the write of this index found the job as it was expected.
bool was_scaled(const state::Tables& tables, const ScaleRequest& request, std::uint64_t index) {
  const auto* scaling = tables.scaling_events.find(request.job);
  if (!scaling) return false;
  const auto events = (*scaling)->events.find(request.group);
  return events != (*scaling)->events.end() &&
         std::ranges::find(events->second, index, &model::ScalingEvent::create_index) !=
             events->second.end();
}

}  // namespace

io::Task<base::Result<JobReply>> Scaling::scale(ScaleRequest request) {
  const state::Snapshot snapshot = store_.snapshot();
  CO_TRY_VOID(check_open(*snapshot));
  CO_TRY_VOID(check_request(request));
  const state::Ref<model::Job> job = snapshot->job(request.job);
  if (!job) co_return base::fail(base::Code::not_found, "job not found");
  if (request.job_modify_index && *request.job_modify_index != job->job_modify_index)
    co_return base::fail(
        base::Code::conflict,
        fmt::format(
            "Enforcing job modify index {}: job exists with conflicting job modify index: {}",
            *request.job_modify_index, job->job_modify_index));
  const model::TaskGroup* group = job->find_group(request.group);
  if (!group)
    co_return base::invalid(
        fmt::format("task group \"{}\" specified for scaling does not exist in job",
                    base::printable(request.group, 128)));
  wire::ScaleJob command{.ns = job->ns, .job_id = job->id, .group = group->name};
  command.event.previous_count = group->count;
  command.event.error = request.error;
  command.event.message = request.message.substr(0, message_max);
  command.event.meta = request.meta;
  JobReply reply;
  reply.job_modify_index = job->job_modify_index;
  if (request.count) {
    if (job->stop) co_return base::invalid("the job is stopped; run it before scaling it");
    CO_TRY_VOID(check_bounds(*group, *request.count));
    model::Job scaled = *job;
    scaled.groups[static_cast<std::size_t>(group - job->groups.data())].count =
        static_cast<int>(*request.count);
    if (std::string wrong = Jobs::complaints(scaled); !wrong.empty())
      co_return base::invalid(std::move(wrong));
    const state::Ref<model::Deployment> rollout = snapshot->latest_deployment(request.job);
    if (rollout && rollout->is_active()) {
      command.event = blocked_event(request, group->count);
      CO_TRY_VOID(co_await proposals_.propose(std::move(command)));
      co_return base::invalid("job scaling blocked due to active deployment");
    }
    command.event.count = request.count;
    command.expected_index = job->job_modify_index;
    if (!job->is_parent()) {
      command.eval = new_eval(world_.random, *job, model::triggered_by::job_scaling);
      reply.eval_id = command.eval->id;
      command.event.eval_id = reply.eval_id.to_string();
    }
  }
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  if (!request.count) co_return reply;
  const state::Ref<model::Job> after = store_.snapshot()->job(request.job);
  if (!after || !was_scaled(*store_.snapshot(), request, reply.index))
    co_return base::fail(base::Code::conflict,
                         "the job changed meanwhile; look at it and try again");
  reply.job_modify_index = after->job_modify_index;
  if (!reply.eval_id.is_nil()) reply.eval_create_index = reply.index;
  co_return reply;
}

GroupScale group_scale(const state::Tables& tables, const model::Job& job,
                       const model::TaskGroup& group) {
  GroupScale scale;
  scale.desired = group.count;
  for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_job(job.job_id())) {
    if (alloc->group != group.name || alloc->terminal()) continue;
    ++scale.placed;
    if (alloc->client_status == model::ClientStatus::running) ++scale.running;
    if (alloc->health() == true) ++scale.healthy;
    if (alloc->health() == false) ++scale.unhealthy;
  }
  return scale;
}

}  // namespace caravan::server
