// SPDX-License-Identifier: Apache-2.0
// What users do to rollouts: promote, pause, resume, fail, and say how allocations are. Each is one
// log entry, with the evaluation that acts on it.
#pragma once

#include <optional>

#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

struct DeploymentReply {
  std::optional<base::EvalId> eval_id;  // none when there is nothing to evaluate
  std::uint64_t eval_create_index = 0, deployment_modify_index = 0, index = 0;
  std::optional<std::uint64_t> reverted_version;
};

/// All errors are not_found (no such deployment), invalid (it is over, or what is said below), and
/// those of a proposal.
class DeploymentActions {
 public:
  DeploymentActions(io::World& world, state::Store& store, Proposals& proposals)
      : world_(world), store_(store), proposals_(proposals) {}

  /// No groups: all that wait. Errors: invalid (a group is not there, or has too few healthy
  /// canaries).
  io::Task<base::Result<DeploymentReply>> promote(base::DeploymentId id,
                                                  std::vector<std::string> groups);
  /// `pauses` or resumes.
  io::Task<base::Result<DeploymentReply>> pause(base::DeploymentId id, bool pauses);
  io::Task<base::Result<DeploymentReply>> fail(base::DeploymentId id);
  /// An unhealthy one fails the rollout. Errors: invalid (nothing is said, or of an allocation that
  /// is not part of it).
  io::Task<base::Result<DeploymentReply>> set_health(base::DeploymentId id,
                                                     std::vector<base::AllocId> healthy,
                                                     std::vector<base::AllocId> unhealthy);

 private:
  base::Result<state::Ref<model::Deployment>> active(const base::DeploymentId& id,
                                                     std::string_view action) const;
  std::optional<model::Evaluation> look_again(const model::Deployment& deployment,
                                              DeploymentReply& reply) const;
  io::Task<base::Result<DeploymentReply>> write(wire::AnyCommand command, DeploymentReply reply);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
};

/// What stands in the way of promoting these groups, a line each; nothing when they may be.
std::vector<std::string> unready(const state::Tables& tables, const model::Deployment& deployment,
                                 const std::vector<std::string>& groups);

/// The groups whose canaries wait.
std::vector<std::string> awaiting(const model::Deployment& deployment);

}  // namespace caravan::server
