// SPDX-License-Identifier: Apache-2.0
// Several servers and clients, each on a simulated host of its own, a story of jobs told by the
// seed, faults while it is told, and what must hold all the while. In the end the faults stop, and
// everything has to become as wanted, and stay so. A seed that fails throws std::logic_error.
#pragma once

#include <deque>

#include "sim/machine.hpp"
#include "sim/state_checks.hpp"
#include "sim/wanted_jobs.hpp"

namespace caravan::sim {

/// What a seed makes of the cluster.
struct Shape {
  int servers = 3, clients = 3;
  int node_cpu = 4000;      // MHz; little, so that evaluations are blocked
  bool preempts = false;    // jobs have priorities, and important ones push others out
  bool loses_disks = true;  // servers die for good, and new ones take their place

  bool slow_disks = false;   // servers' disks hang for a while
  bool disconnects = false;  // some jobs wait for nodes that fall silent
  bool clocks = false;       // wall clocks are set forwards and backwards
  bool depends = false;      // jobs and tasks wait for others
  bool upgrades = false;     // servers begin with the version before, and are replaced in between
  int quota_cpu = 0;         // MHz of all jobs but the first two, in two namespaces; 0: no quota

  static Shape draw(SimRandom& random);
  std::string to_string() const;
};

struct MachinesOutcome {
  std::uint64_t trace = 0;
  std::uint64_t commands = 0, tasks = 0, terms = 0;
  int faults = 0, submits = 0;
  base::Duration ended{0};
  std::string shape;
};

class Machines {
 public:
  explicit Machines(std::uint64_t seed);
  ~Machines();

  /// Tells the whole story and waits until everything is as wanted. Errors: std::logic_error with
  /// the seed, the shape, the knobs and the last lines of the log.
  MachinesOutcome run();

  bool echo = false;  // the log goes to stderr as it is written

 private:
  /// A write that the servers said was done.
  struct Acknowledged {
    std::uint64_t index = 0;  // the job's modify index
    bool stopped = false;
  };
  struct Term {
    std::string leader;
    std::uint64_t acknowledged = 0;  // before it began: its leader has all that
  };
  /// One life of a server, as seen from outside.
  struct Seen {
    int boot = 0;
    SeenIndexes indexes;
    bool led = false;
  };

  // machines.cpp: the story
  void pass(base::Duration time);  // and throws what was found broken meanwhile
  void story();
  void settle();
  void shrink_to_fit();
  void tell_all();
  void tell(ServerMachine& server, const std::string& id);
  void tell_settings();
  void dress();
  model::Job job_of(const std::string& id) const;
  [[noreturn]] void fail(const std::string& what);

  // machines_faults.cpp
  void damage();
  void damage_network(Machine& one);
  void damage_leader();
  void set_clock(Machine& machine);
  void slow_down(DiskImage& disk);
  void crash(Machine& machine, bool power);
  void boot_some(int share);
  void upgrade_next();
  void replace_a_server();
  void drain_some();
  void end_drains();
  void mend();
  Machine& any_machine();
  ServerMachine& any_server();
  ClientMachine& any_client();

  // machines_checks.cpp
  void check();
  void check_server(ServerMachine& server);
  void check_terms(ServerMachine& server);
  void check_waits(const state::Tables& tables);
  std::string missing() const;
  std::string missing_server() const;
  std::string missing_process(const state::Tables& tables) const;
  std::string situation() const;
  ServerMachine* leader() const;  // if exactly one says so

  const Shape shape_;
  WantedJobs wanted_;
  std::set<std::string> telling_;
  std::map<std::string, Acknowledged> acknowledged_;  // by job
  std::uint64_t newest_acknowledged_ = 0;
  bool settings_told_ = false;
  std::map<std::uint64_t, Term> terms_;
  std::map<std::uint64_t, std::uint64_t> hashes_;  // of the state, by index
  WaitOrder waits_;
  std::map<std::string, Seen> seen_;  // by server
  std::set<std::string> gone_;        // servers, for good
  base::Duration next_dump_{0};
  std::string broken_;  // the first invariant that did not hold
  MachinesOutcome outcome_;
  World world_;  // after what its programs know
  std::deque<ServerMachine> servers_;
  std::deque<ClientMachine> clients_;
};

/// Runs the seed. Errors: as Machines::run.
MachinesOutcome run_machines(std::uint64_t seed, bool echo = false);

}  // namespace caravan::sim
