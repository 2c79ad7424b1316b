// SPDX-License-Identifier: Apache-2.0
#include "server/deployment_actions.hpp"

#include <fmt/core.h>

#include "server/jobs.hpp"
#include "server/new_eval.hpp"
#include "server/rollback.hpp"

namespace caravan::server {

using model::DeploymentStatus;
using Reply = base::Result<DeploymentReply>;

std::vector<std::string> awaiting(const model::Deployment& deployment) {
  std::vector<std::string> groups;
  for (const auto& [name, row] : deployment.groups)
    if (row.awaits_promotion()) groups.push_back(name);
  return groups;
}

std::vector<std::string> unready(const state::Tables& tables, const model::Deployment& deployment,
                                 const std::vector<std::string>& groups) {
  std::vector<std::string> lines;
  for (const std::string& name : groups) {
    const auto found = deployment.groups.find(name);
    if (found == deployment.groups.end()) {
      lines.push_back(fmt::format("Task group \"{}\" is not part of the deployment", name));
      continue;
    }
    const model::DeploymentState& row = found->second;
    if (row.desired_canaries == 0)
      lines.push_back(fmt::format("Task group \"{}\" has no canaries to promote", name));
    if (!row.awaits_promotion()) continue;
    const auto is_well = [&](const base::AllocId& id) {
      const state::Ref<model::Allocation> alloc = tables.alloc(id);
      return alloc && !alloc->terminal() && alloc->health() == true;
    };
    const auto healthy = std::ranges::count_if(row.placed_canaries, is_well);
    if (healthy < row.desired_canaries)
      lines.push_back(fmt::format("Task group \"{}\" has {}/{} healthy allocations", name, healthy,
                                  row.desired_canaries));
  }
  return lines;
}

base::Result<state::Ref<model::Deployment>> DeploymentActions::active(
    const base::DeploymentId& id, std::string_view action) const {
  const state::Ref<model::Deployment> deployment = store_.snapshot()->deployment(id);
  if (!deployment) return base::fail(base::Code::not_found, "deployment not found");
  if (!deployment->is_active())
    return base::invalid(fmt::format("can't {} terminal deployment", action));
  return deployment;
}

std::optional<model::Evaluation> DeploymentActions::look_again(const model::Deployment& deployment,
                                                               DeploymentReply& reply) const {
  const state::Ref<model::Job> job = store_.snapshot()->job(deployment.job());
  if (!job) return {};
  model::Evaluation eval = new_eval(world_.random, *job, model::triggered_by::deployment_watcher);
  eval.deployment_id = deployment.id;
  reply.eval_id = eval.id;
  return eval;
}

io::Task<Reply> DeploymentActions::write(wire::AnyCommand command, DeploymentReply reply) {
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  reply.deployment_modify_index = reply.index;
  if (reply.eval_id) reply.eval_create_index = reply.index;
  co_return reply;
}

io::Task<Reply> DeploymentActions::promote(base::DeploymentId id, std::vector<std::string> groups) {
  CO_TRY(const state::Ref<model::Deployment> deployment, active(id, "promote"));
  if (groups.empty()) groups = awaiting(*deployment);
  if (groups.empty()) co_return base::invalid("no canaries to promote");
  const std::vector<std::string> wrong = unready(*store_.snapshot(), *deployment, groups);
  if (!wrong.empty()) co_return base::invalid(error_list(wrong));
  DeploymentReply reply;
  wire::PromoteDeployment command;
  command.deployment_id = id;
  command.groups = std::move(groups);
  command.eval = look_again(*deployment, reply);
  co_return co_await write(std::move(command), std::move(reply));
}

io::Task<Reply> DeploymentActions::pause(base::DeploymentId id, bool pauses) {
  CO_TRY(const state::Ref<model::Deployment> deployment, active(id, pauses ? "pause" : "resume"));
  DeploymentReply reply;
  wire::UpdateDeployment command;
  command.update.deployment_id = id;
  command.update.status = pauses ? DeploymentStatus::paused : DeploymentStatus::running;
  command.update.description =
      pauses ? "Deployment is paused" : model::running_description(*deployment);
  if (!pauses) command.eval = look_again(*deployment, reply);
  co_return co_await write(std::move(command), std::move(reply));
}

io::Task<Reply> DeploymentActions::fail(base::DeploymentId id) {
  CO_TRY(const state::Ref<model::Deployment> deployment, active(id, "fail"));
  DeploymentReply reply;
  wire::UpdateDeployment command = failing(world_.random, *store_.snapshot(), *deployment,
                                           "Deployment marked as failed", &reply.reverted_version);
  if (command.eval) reply.eval_id = command.eval->id;
  co_return co_await write(std::move(command), std::move(reply));
}

io::Task<Reply> DeploymentActions::set_health(base::DeploymentId id,
                                              std::vector<base::AllocId> healthy,
                                              std::vector<base::AllocId> unhealthy) {
  if (healthy.empty() && unhealthy.empty())
    co_return base::invalid("must specify at least one healthy/unhealthy allocation ID");
  CO_TRY(const state::Ref<model::Deployment> deployment,
         active(id, "set health of allocations for a"));
  const state::Snapshot snapshot = store_.snapshot();
  for (const auto* list : {&healthy, &unhealthy})
    for (const base::AllocId& alloc : *list) {
      const state::Ref<model::Allocation> known = snapshot->alloc(alloc);
      if (!known || known->deployment_id != id)
        co_return base::invalid(
            fmt::format("allocation \"{}\" is not part of the deployment", alloc.to_string()));
    }
  DeploymentReply reply;
  wire::SetAllocHealth command;
  command.deployment_id = id;
  if (unhealthy.empty()) {
    command.eval = look_again(*deployment, reply);
  } else {
    command.failure = failing(world_.random, *snapshot, *deployment,
                              "Failed due to unhealthy allocations", &reply.reverted_version);
    if (command.failure->eval) reply.eval_id = command.failure->eval->id;
  }
  command.healthy = std::move(healthy);
  command.unhealthy = std::move(unhealthy);
  co_return co_await write(std::move(command), std::move(reply));
}

}  // namespace caravan::server
