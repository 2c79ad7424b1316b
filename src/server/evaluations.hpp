// SPDX-License-Identifier: Apache-2.0
// The leader's engine: takes the evaluations that the state calls for, has them scheduled on the
// pool, and sees their plans through. Main lane; idle on servers that do not lead.
#pragma once

#include "io/log.hpp"
#include "server/blocked.hpp"
#include "server/broker.hpp"
#include "server/fleets.hpp"
#include "server/plan_applier.hpp"

namespace caravan::server {

/// Tries at one evaluation when plans keep losing to others altogether (services and systems; the
/// peers' number).
inline constexpr int plan_attempts_max = 5;

class Evaluations {
 public:
  Evaluations(io::World& world, state::Store& store, Proposals& proposals, Fleets& fleets,
              std::size_t workers, io::Logger log);

  /// Leadership was gained: begins with what the state holds open.
  void start();
  io::Task<void> stop();
  /// After each applied command, with the keys that it touched.
  void on_touched(const std::vector<std::string>& keys);

  const Broker& broker() const { return broker_; }
  const BlockedEvals& blocked() const { return blocked_; }

 private:
  io::Task<void> refresh_fleets();
  io::Task<void> work();
  io::Task<void> watch_time();
  io::Task<bool> handle(const model::Evaluation& eval);
  io::Task<bool> write(std::vector<model::Evaluation> evals);
  std::vector<model::Evaluation> finish(const model::Evaluation& eval,
                                        const scheduler::Outcome& outcome,
                                        std::uint64_t snapshot_index);
  model::Evaluation blocked_for(const model::Evaluation& eval, const scheduler::Outcome& outcome,
                                std::uint64_t snapshot_index);
  void give_up(model::Evaluation eval, std::vector<model::Evaluation>& evals);
  void take(const model::Evaluation& eval);
  void enqueue(const model::Evaluation& eval);
  void cancel(std::vector<model::Evaluation> evals, std::string reason);
  void gain(const base::NodeId& node);
  void gain_quota(const state::Tables& tables, const std::string& quota);
  void look_at_waiting(const state::Tables& tables);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  std::size_t workers_;
  io::Logger log_;
  boost::asio::any_io_executor lane_;
  PlanApplier applier_;
  Broker broker_;
  BlockedEvals blocked_;
  io::Event ready_, due_;
  Fleets& fleets_;
  base::Duration fleets_refreshed_{0};  // by uptime
  std::unique_ptr<io::TaskGroup> tasks_;
  bool leading_ = false;
};

}  // namespace caravan::server
