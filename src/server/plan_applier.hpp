// SPDX-License-Identifier: Apache-2.0
// Turns plans into log entries, one entry for all that wait. Main lane.
#pragma once

#include <deque>
#include <set>

#include "io/task.hpp"
#include "server/plan_check.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

/// Plans per log entry, and placements after which no further plan joins; more wait for the next
/// one.
inline constexpr std::size_t plans_per_entry_max = 256, placements_per_entry = 4'096;

class PlanApplier {
 public:
  PlanApplier(io::World& world, state::Store& store, Proposals& proposals);

  void start();
  io::Task<void> stop();
  /// Commits what fits. `final_evals` go into the same entry when nothing was left out. Returns how
  /// many placements were. Errors: those of a proposal.
  io::Task<base::Result<int>> submit(scheduler::Plan plan,
                                     std::vector<model::Evaluation> final_evals);
  /// Lets go of a state that is long gone: what checks plans holds on to the last one it saw.
  void refresh() { fleet_.follow(*store_.snapshot()); }

 private:
  struct Waiting;
  io::Task<void> run();
  io::Task<void> rescue(std::set<base::NodeId> nodes);
  io::Task<void> commit(std::vector<std::shared_ptr<Waiting>> batch, wire::ApplyPlans plans);
  std::vector<std::shared_ptr<Waiting>> take_batch(wire::ApplyPlans& plans);
  void look_after_preempted(const state::Tables& tables, wire::ApplyPlans& plans);

  io::Random& random_;
  state::Store& store_;
  Proposals& proposals_;
  boost::asio::any_io_executor lane_;
  io::Event arrived_;
  std::deque<std::shared_ptr<Waiting>> queue_;
  scheduler::Fleet fleet_;  // follows the state; for checks
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
