// SPDX-License-Identifier: Apache-2.0
// The jobs that the user of a story wants at this moment, how he changes his mind, and whether the
// servers' state is what he wants.
#pragma once

#include <map>
#include <string>

#include "sim/random.hpp"
#include "state/tables.hpp"

namespace caravan::sim {

struct Wanted {
  bool batch = false, stopped = false, dynamic_port = false, stubborn = false, rollout = false;
  bool bridged = false;  // in a network of its own
  bool proves = false;   // its task finds a token that is renewed every few seconds
  bool told = false;     // the servers know
  bool paired = false;   // a second task starts after the first one
  std::string ns = "default";
  std::string depends_on;  // a job of the same namespace, "" for none
  int count = 1, static_port = 0, exit_code = 0, cpu = 100, generation = 0;
  base::Duration length{0};

  /// How many copies run when all is as wanted.
  int lasting() const { return batch || stopped ? 0 : count; }
  int tasks() const { return paired ? 2 : 1; }
  /// Whether it asks the servers for the same.
  bool same_as(const Wanted& other) const {
    return generation == other.generation && count == other.count && stopped == other.stopped;
  }
};
using WantedJobs = std::map<std::string, Wanted>;  // by id

model::Job make_job(const std::string& id, const Wanted& wanted);
void change_something(WantedJobs& jobs, SimRandom& random);
/// Every dependency can be met: a service that others wait for is wanted too.
void want_what_others_need(WantedJobs& jobs);
/// Why one job is not as wanted, as the servers see it; "" when it is.
std::string missing(const std::string& id, const Wanted& wanted, const state::Tables& tables);
/// What the servers think of the jobs, for a failure's message.
std::string situation(const WantedJobs& jobs, const state::Tables& tables);

}  // namespace caravan::sim
