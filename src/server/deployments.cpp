// SPDX-License-Identifier: Apache-2.0
#include "server/deployments.hpp"

#include "server/deployment_actions.hpp"
#include "server/new_eval.hpp"
#include "server/rollback.hpp"
#include "state/rollout.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration deadline_look = 1s;

}  // namespace

/// Why the rollout has failed, or "".
std::string Deployments::failure(const state::Tables& tables, const model::Deployment& deployment) {
  for (const auto& [group, row] : deployment.groups) {
    // One that waits for its promotion has to have had its canaries only. It may wait for long, so
    // the deadline is over when one of them is lost: nobody can be late then.
    const bool waits = row.awaits_promotion();
    const int needed = waits ? row.desired_canaries : row.desired_total;
    if (row.progress_deadline == 0s) {
      if (row.healthy_allocs < needed && row.unhealthy_allocs > 0)
        return "Failed due to unhealthy allocations";
      continue;
    }
    const bool late = !row.require_progress_by.is_zero() &&
                      deadlines_.is_over(deployment.id.to_string() + group, row.require_progress_by,
                                         row.progress_deadline, world_.clock.uptime());
    if (late &&
        (waits ? row.healthy_allocs : state::healthy_now(tables, deployment, group)) < needed)
      return "Failed due to progress deadline";
  }
  return "";
}

Deployments::Deployments(io::World& world, state::Store& store, Proposals& proposals,
                         io::Logger log)
    : world_(world), store_(store), proposals_(proposals), log_(std::move(log)) {}

void Deployments::start() {
  deadlines_.clear();
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(watch());
}

io::Task<void> Deployments::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<void> Deployments::fail(const model::Deployment& deployment, std::string reason) {
  log_.warn(
      "deployment failed",
      {{"deployment", deployment.id.to_short()}, {"job", deployment.job_id}, {"why", reason}});
  wire::UpdateDeployment command = failing(world_.random, *store_.snapshot(), deployment, reason);
  (void)co_await proposals_.propose(std::move(command),
                                    consensus::Priority::control);  // else at the next look
}

/// Does what somebody would who watched the canaries.
io::Task<void> Deployments::promote(const model::Deployment& deployment) {
  const state::Snapshot snapshot = store_.snapshot();
  wire::PromoteDeployment command;
  command.deployment_id = deployment.id;
  command.groups = awaiting(deployment);
  if (!unready(*snapshot, deployment, command.groups).empty()) co_return;
  log_.info("deployment promotes itself",
            {{"deployment", deployment.id.to_short()}, {"job", deployment.job_id}});
  if (const state::Ref<model::Job> job = snapshot->job(deployment.job()))
    command.eval = new_eval(world_.random, *job, model::triggered_by::deployment_watcher);
  (void)co_await proposals_.propose(std::move(command),
                                    consensus::Priority::control);  // else at the next look
}

io::Task<void> Deployments::watch() {
  while (true) {
    co_await world_.clock.sleep(deadline_look);
    std::vector<std::pair<state::Ref<model::Deployment>, std::string>> failed;
    std::vector<state::Ref<model::Deployment>> promotable;
    const state::Snapshot snapshot = store_.snapshot();
    snapshot->deployments.each(
        [&](const base::DeploymentId&, const state::Ref<model::Deployment>& deployment) {
          if (deployment->status != model::DeploymentStatus::running) return;
          if (std::string why = failure(*snapshot, *deployment); !why.empty())
            failed.emplace_back(deployment, why);
          else if (model::promotes_itself(*deployment))
            promotable.push_back(deployment);
        });
    deadlines_.forget_others();
    for (const state::Ref<model::Deployment>& deployment : promotable)
      co_await promote(*deployment);
    for (auto& [deployment, why] : failed)
      co_await fail(*deployment, why);
  }
}

}  // namespace caravan::server
