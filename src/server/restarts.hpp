// SPDX-License-Identifier: Apache-2.0
// Restarts jobs batch after batch: the next one begins when all of the last one is well again. What
// is done stands in the state, so that another leader goes on with it.
#pragma once

#include <map>

#include "io/log.hpp"
#include "io/task.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

/// What a leader has seen of a restart that is under way. By uptime; a new leader begins anew, so
/// that waits become longer then, never shorter.
struct RestartWatch {
  struct Seen {
    std::uint64_t restarts = 0;
    base::Duration well_since{0};
  };
  std::map<base::AllocId, Seen> well;          // those that run, since when without a restart
  std::optional<base::Duration> batch_began;   // of the one under way
  std::optional<base::Duration> waiting_from;  // the last batch ended
};

/// The restart as it is from now on, and what its allocations are asked for; nothing when there is
/// nothing to write.
struct RestartStep {
  model::JobRestart restart;
  std::map<std::string, model::DesiredTransition> transitions;
};

/// Pure but for the watch. Precondition: the restart is running.
std::optional<RestartStep> restart_step(const state::Tables& tables,
                                        const model::JobRestart& restart, RestartWatch& watch,
                                        base::Duration uptime);

struct RestartRequest {
  base::JobId job;
  std::vector<std::string> groups, tasks;
  bool all_tasks = false, reschedule = false, asks_on_error = false;
  int batch_size = 1;
  bool batch_is_percent = false;  // of the allocations, at least one
  base::Duration batch_wait{0};
};

class Restarts {
 public:
  Restarts(io::World& world, state::Store& store, Proposals& proposals, io::Logger log);
  void start();
  io::Task<void> stop();

  /// Errors: not_found (the job), invalid (its kind, a group or task that is not there, nothing
  /// runs, contradictions), conflict (a restart is active), and those of a proposal.
  io::Task<base::Result<model::JobRestart>> begin(RestartRequest request);
  /// Of the active one. Errors: not_found (there was none), conflict (it is over, or changed in the
  /// same moment), and those of a proposal.
  io::Task<base::Result<model::JobRestart>> cancel(base::JobId job);
  io::Task<base::Result<model::JobRestart>> pause(base::JobId job);
  io::Task<base::Result<model::JobRestart>> resume(base::JobId job);

 private:
  io::Task<void> run();
  io::Task<base::Result<model::JobRestart>> turn(base::JobId job, model::RestartStatus to,
                                                 std::string description);
  io::Task<base::Result<model::JobRestart>> write(
      model::JobRestart restart, std::map<std::string, model::DesiredTransition> transitions);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  io::Logger log_;
  std::map<base::Uuid, RestartWatch> watches_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
