// SPDX-License-Identifier: Apache-2.0
#include "server/rollback.hpp"

#include <fmt/core.h>

#include "server/new_eval.hpp"

namespace caravan::server {
namespace {

state::Ref<model::Job> newest_stable(const state::Tables& tables, const base::JobId& id) {
  state::Ref<model::Job> newest;
  tables.job_versions.from({id, 0}, [&](const auto& key, const state::Ref<model::Job>& version) {
    if (key.first != id) return false;
    if (version->stable && !version->stop) newest = version;
    return true;
  });
  return newest;
}

wire::RegisterJob again(const state::Tables& tables, const model::Job& version) {
  wire::RegisterJob command;
  command.job = version;
  if (const auto* source = tables.job_sources.find({version.job_id(), version.version})) {
    command.source = (*source)->text;
    command.source_format = (*source)->format;
  }
  return command;
}

}  // namespace

wire::UpdateDeployment failing(io::Random& random, const state::Tables& tables,
                               const model::Deployment& deployment, const std::string& why,
                               std::optional<std::uint64_t>* reverted) {
  wire::UpdateDeployment command;
  command.update = {deployment.id, model::DeploymentStatus::failed, why, {}};
  const state::Ref<model::Job> job = tables.job(deployment.job());
  if (!job) return command;
  command.eval = new_eval(random, *job, model::triggered_by::deployment_watcher);
  const bool reverts = std::ranges::any_of(
      deployment.groups, [](const auto& entry) { return entry.second.auto_revert; });
  // Only the version that failed is taken back: what somebody submitted meanwhile stays.
  if (!reverts || job->stop || job->version != deployment.job_version) return command;
  std::string& description = command.update.description;
  const state::Ref<model::Job> stable = newest_stable(tables, deployment.job());
  if (!stable) {
    description += " - no stable job version to auto revert to";
  } else if (model::same_spec(*stable, *job)) {
    description += fmt::format(
        " - not rolling back to stable job version {} as current job has same specification",
        stable->version);
  } else {
    description += fmt::format(" - rolling back to job version {}", stable->version);
    command.revert = again(tables, *stable);
    if (reverted) *reverted = stable->version;
  }
  return command;
}

}  // namespace caravan::server
