// SPDX-License-Identifier: Apache-2.0
// Turns plans into log entries, one entry for all that wait. Main lane.
#pragma once

#include <deque>
#include <set>

#include "io/task.hpp"
#include "server/plan_check.hpp"
#include "server/plan_split.hpp"
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

  /// While somebody has the turn, no plan is taken before his. A plan is made against a state that
  /// others go on changing, and those that are always a step ahead would win every time: who lost
  /// takes the turn, looks at the state anew, and cannot lose to a plan again.
  class Turn {
   public:
    explicit Turn(PlanApplier& applier) : applier_(&applier) {}
    Turn(Turn&& other) noexcept : applier_(std::exchange(other.applier_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    PlanApplier* applier_;
  };
  /// Waits for those before, and until what was taken already is in the state.
  io::Task<Turn> take_turn();

  /// Commits what fits. `final_evals` go into the same entry when nothing was left out. Returns how
  /// many placements were. Precondition of `has_turn`: the caller holds it. Errors: those of a
  /// proposal.
  io::Task<base::Result<int>> submit(scheduler::Plan plan,
                                     std::vector<model::Evaluation> final_evals, bool has_turn);
  /// Lets go of a state that is long gone: what checks plans holds on to the last one it saw.
  void refresh() { fleet_.follow(*store_.snapshot()); }

 private:
  struct Waiting;
  io::Task<void> run();
  io::Task<void> rescue(std::vector<base::NodeId> nodes);
  /// Plans that go into the log together, in one entry; a very large one alone, in several.
  struct Batch {
    std::vector<std::shared_ptr<Waiting>> plans;
    std::vector<wire::ApplyPlans> entries;
  };
  io::Task<void> commit(Batch batch);
  Batch take_batch();
  bool may_take() const;
  void look_after_preempted(const state::Tables& tables, wire::PlanResult& plan,
                            std::set<base::JobId>& jobs);

  io::Random& random_;
  state::Store& store_;
  Proposals& proposals_;
  boost::asio::any_io_executor lane_;
  io::Event arrived_, turn_free_, committed_;
  bool turn_taken_ = false, committing_ = false;
  std::deque<std::shared_ptr<Waiting>> queue_;
  scheduler::Fleet fleet_;  // follows the state; for checks
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
