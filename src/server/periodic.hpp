// SPDX-License-Identifier: Apache-2.0
// Launches periodic jobs when they are due. What is due follows from the state alone, the time of
// each job's last launch, so a new leader goes on where the old one ended: launches that were
// missed meanwhile, one or many, become one. That none happens twice is the log's word (Birth).
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "io/log.hpp"
#include "io/task.hpp"
#include "server/launch_schedule.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

/// A child that was launched.
struct Launched {
  std::string job_id;
  base::EvalId eval_id;
  std::uint64_t index = 0;
};

class Periodic {
 public:
  Periodic(io::World& world, state::Store& store, Proposals& proposals, io::Logger log);
  void start();
  io::Task<void> stop();

  /// Launches the job now, whatever its times and whether or not it overlaps. Errors: not_found,
  /// invalid (not periodic), conflict, and those of a proposal.
  io::Task<base::Result<Launched>> force(base::JobId id);

 private:
  /// One job's times, for as long as its block and its last launch stay the same.
  struct Entry {
    model::PeriodicConfig config;
    LaunchSchedule schedule;
    base::Instant since;                // the last launch, or the last one skipped
    std::optional<base::Instant> next;  // after it
  };

  io::Task<void> run();
  void look(const state::Tables& tables);
  void renew(const model::Job& job, base::Instant since);
  io::Task<void> launch_if_due(base::JobId id);
  io::Task<base::Result<Launched>> launch(const model::Job& job, base::Instant last,
                                          base::Instant time);
  base::Instant next_due() const;

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  io::Logger log_;
  std::unique_ptr<io::TaskGroup> tasks_;
  std::map<base::JobId, Entry> entries_;
  std::map<base::JobId, base::Instant> skipped_;  // for overlaps; a new leader asks again
};

/// The time to launch for when `next` is due; of several that were missed, the one is now. None
/// while it is not due.
std::optional<base::Instant> due_launch(const LaunchSchedule& schedule, base::Instant next,
                                        base::Instant now);

}  // namespace caravan::server
