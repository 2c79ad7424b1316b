// SPDX-License-Identifier: Apache-2.0
#include "server/deployments.hpp"

#include "server/new_eval.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration deadline_look = 1s;

/// Why the rollout has failed, or "".
std::string failure(const model::Deployment& deployment, base::Instant now) {
  for (const auto& [group, row] : deployment.groups) {
    if (row.healthy_allocs >= row.desired_total) continue;
    if (row.progress_deadline == 0s) {
      if (row.unhealthy_allocs > 0) return "Failed due to unhealthy allocations";
      continue;
    }
    if (!row.require_progress_by.is_zero() && row.require_progress_by <= now)
      return "Failed due to progress deadline";
  }
  return "";
}

}  // namespace

Deployments::Deployments(io::World& world, state::Store& store, Proposals& proposals,
                         io::Logger log)
    : world_(world), store_(store), proposals_(proposals), log_(std::move(log)) {}

void Deployments::start() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(watch_deadlines());
}

io::Task<void> Deployments::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<void> Deployments::fail(const model::Deployment& deployment, std::string reason) {
  log_.warn(
      "deployment failed",
      {{"deployment", deployment.id.to_short()}, {"job", deployment.job_id}, {"why", reason}});
  wire::UpdateDeployment command;
  command.update = {deployment.id, model::DeploymentStatus::failed, std::move(reason), {}};
  if (const state::Ref<model::Job> job = store_.snapshot()->job(deployment.job()))
    command.eval = new_eval(world_.random, *job, model::triggered_by::deployment_watcher);
  (void)co_await proposals_.propose(std::move(command),
                                    consensus::Priority::control);  // else at the next look
}

io::Task<void> Deployments::watch_deadlines() {
  while (true) {
    co_await world_.clock.sleep(deadline_look);
    std::vector<std::pair<state::Ref<model::Deployment>, std::string>> failed;
    store_.snapshot()->deployments.each(
        [&](const base::DeploymentId&, const state::Ref<model::Deployment>& deployment) {
          if (deployment->status != model::DeploymentStatus::running) return;
          if (std::string why = failure(*deployment, world_.clock.now()); !why.empty())
            failed.emplace_back(deployment, why);
        });
    for (auto& [deployment, why] : failed)
      co_await fail(*deployment, why);
  }
}

}  // namespace caravan::server
