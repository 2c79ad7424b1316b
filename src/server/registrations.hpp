// SPDX-License-Identifier: Apache-2.0
// What agents and API register, and which agents are alive: each beats, and one that falls silent
// gets a critical check, which hides everything on its node. Beats touch no log.
#pragma once

#include <map>
#include <memory>

#include "io/log.hpp"
#include "io/task.hpp"
#include "rpc/rpc.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"
#include "wire/catalog_rpc.hpp"

namespace caravan::server {

/// So often an agent beats while there are few; so many beats a second are taken in all.
inline constexpr base::Duration agent_beat_interval{1'000'000'000};
inline constexpr double agent_beats_per_second_max = 5'000;
/// Silent for two intervals and so much longer, an agent counts as gone.
inline constexpr base::Duration agent_silence_grace{1'500'000'000};

/// Main lane.
class Registrations {
 public:
  Registrations(io::World& world, state::Store& store, Proposals& proposals, io::Logger log);

  /// Leadership was gained: every agent has its whole time to be heard from.
  void start();
  io::Task<void> stop();

  /// Errors: those of a proposal; conflict (a check of a service that is not there).
  io::Task<base::Status> change(wire::ChangeCatalog change);
  /// Answers "Catalog.…".
  io::Task<base::Result<std::string>> call(std::string method, std::string request);

 private:
  std::string beat(const std::string& node);
  base::Duration interval() const;
  io::Task<void> watch_silence();
  io::Task<void> say(std::vector<std::string> nodes, model::Health health);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  io::Logger log_;
  std::map<std::string, base::Duration> heard_;  // by node in small letters: when, by uptime
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
