// SPDX-License-Identifier: Apache-2.0
// Changes of a group's count by people and autoscalers, within the bounds of its policy.
#pragma once

#include "server/jobs.hpp"

namespace caravan::server {

struct ScaleRequest {
  base::JobId job;
  std::string group;
  std::optional<std::int64_t> count;  // none: only the message is kept
  std::string message;
  bool error = false;  // the autoscaler could not do what it wanted
  json::Object meta;
  std::optional<std::uint64_t> job_modify_index;  // the one that the job must still have
};

class Scaling {
 public:
  Scaling(io::World& world, state::Store& store, Proposals& proposals)
      : world_(world), store_(store), proposals_(proposals) {}

  /// Errors: not_found, denied (no job is let in), invalid (out of bounds; a rollout is active,
  /// which is kept as an event too), conflict (job_modify_index), and those of a proposal.
  io::Task<base::Result<JobReply>> scale(ScaleRequest request);

 private:
  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
};

/// How the copies of one group are.
struct GroupScale {
  int desired = 0, placed = 0, running = 0, healthy = 0, unhealthy = 0;
};
GroupScale group_scale(const state::Tables& tables, const model::Job& job,
                       const model::TaskGroup& group);

}  // namespace caravan::server
