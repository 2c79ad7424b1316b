// SPDX-License-Identifier: Apache-2.0
// What must change for one group of a service or batch job: the difference between what is wanted
// and what is there. Says nothing of where; that is the placer's.
#pragma once

#include <optional>
#include <vector>

#include "base/time.hpp"
#include "state/tables.hpp"

namespace caravan::scheduler {

using AllocRef = state::Ref<model::Allocation>;

struct Stopping {
  AllocRef alloc;
  std::string description;
  std::optional<model::ClientStatus> client_status;
};

/// One copy to be placed. With a `previous`, it takes that one's number and place in the story.
struct Wanted {
  int index = 0;
  AllocRef previous;
  bool rescheduled = false;              // previous failed: carry its history, avoid its nodes
  bool replaces = false;                 // previous runs until this one is placed: stop it then
  bool canary = false;                   // beside the old ones, until somebody promotes it
  state::Ref<model::Job> job = nullptr;  // an older version that it runs; none = the current one
  base::NodeId node = {};                // the only one that will do; nil = the best is looked for
};

struct Later {
  AllocRef alloc;
  base::Instant when;
};

struct GroupDiff {
  std::vector<Stopping> stop;
  std::vector<Wanted> place;
  std::vector<AllocRef> in_place;  // run on, under the new job version
  std::vector<Later> later;        // replaced when their delay is over
  std::vector<Later> silent;       // become unknown now, and lost at that time
  model::DesiredUpdates counts;
  bool settled = false;  // nothing is left to place or to replace
  int canaries = 0;      // this many wait for promotion before anything else is replaced
  int total = 0;         // when all is done there are so many
  bool waits = false;    // some are older, and replaced when those before them are well
};

/// Everything the decision hangs on.
struct GroupQuestion {
  const state::Tables& tables;
  const model::Job& job;
  const model::TaskGroup& group;
  const model::Evaluation& eval;
  base::Instant now;
  const model::Deployment* deployment = nullptr;  // the active one for this job version
  bool halted = false;                            // it failed or is paused: replace nothing more
  /// How far this version's rollout of the group has come, also when it has ended.
  const model::DeploymentState* rollout = nullptr;
};

GroupDiff reconcile(const GroupQuestion& question, const std::vector<AllocRef>& allocs);

/// Ends everything that a stopped or purged job, or a group that is gone, still has.
std::vector<Stopping> stop_all(const state::Tables& tables, const std::vector<AllocRef>& allocs);

/// Nobody hears from the node: it is down, disconnected, or not known any more.
bool node_lost(const state::Tables& tables, const base::NodeId& id);

namespace why {
inline constexpr const char* not_needed = "alloc not needed due to job update";
inline constexpr const char* migrating = "alloc is being migrated";
inline constexpr const char* updating = "alloc is being updated due to job update";
inline constexpr const char* lost = "alloc is lost since its node is down";
inline constexpr const char* reconnected = "alloc not needed due to disconnected client reconnect";
inline constexpr const char* rescheduled = "alloc was rescheduled because it failed";
}  // namespace why

}  // namespace caravan::scheduler
