// SPDX-License-Identifier: Apache-2.0
// One agent (server and client) on a simulated host, a story of jobs told by the seed, crashes
// while it is told, and what must hold all the while. A seed that fails throws std::logic_error.
#pragma once

#include <memory>
#include <string>

#include "sim/network_program.hpp"
#include "sim/state_checks.hpp"
#include "sim/wanted_jobs.hpp"

namespace caravan::sim {

struct ClusterOutcome {
  std::uint64_t trace = 0;
  std::uint64_t commands = 0, tasks = 0;
  int crashes = 0, power_cuts = 0, submits = 0;
  base::Duration ended{0};
  std::string knobs;
};

class Cluster {
 public:
  explicit Cluster(std::uint64_t seed);
  ~Cluster();

  /// Tells the whole story and waits until everything is as wanted. Errors: std::logic_error with
  /// the seed, the knobs and the last lines of the log.
  ClusterOutcome run();

 private:
  struct Agent;

  void pass(base::Duration time);  // and throws what was found broken meanwhile
  void boot();
  void crash(bool power);
  io::Task<void> run_agent(Host& host, io::World& io);
  io::Task<void> stop_agent();
  io::Task<void> tell(std::shared_ptr<Agent> agent, std::string id);
  void tell_all();
  void story();
  void pair_some();
  void settle();
  void check();
  void must(const std::string& complaint);
  std::string missing() const;
  std::string situation() const;
  bool leads() const;
  [[noreturn]] void fail(const std::string& what);

  Ledger ledger_;
  Plumbing plumbing_;
  WantedJobs wanted_;
  std::shared_ptr<Agent> agent_;
  SeenIndexes seen_;
  std::uint64_t durable_index_ = 0;  // what the last agent had applied
  base::Duration next_dump_{0};
  std::string broken_;  // the first invariant that did not hold
  ClusterOutcome outcome_;
  World world_;  // after what its programs know
  Host& host_;
  io::TaskGroup telling_;
  SimRandom extras_;  // draws of its own, so that older seeds go on telling their story
  const bool steps_clocks_, pairs_;
};

/// Runs the seed. Errors: as Cluster::run.
ClusterOutcome run_seed(std::uint64_t seed);

}  // namespace caravan::sim
