// SPDX-License-Identifier: Apache-2.0
// A machine: an address, a disk and a process table that outlive its agents.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "io/world.hpp"
#include "sim/datagrams.hpp"
#include "sim/disk.hpp"
#include "sim/network.hpp"
#include "sim/processes.hpp"
#include "sim/twins.hpp"

namespace caravan::sim {

class World;
class Host;

/// One life and all its twins.
struct Outfit {
  Outfit(Host& host, LifePtr life, SimRandom random, const base::Duration& skew);
  LifePtr life;
  SimClock clock;
  SimRandom random;
  SimExecutor executor;
  SimNetwork network;
  SimDatagrams datagrams;
  SimDisk disk;
  SimProcesses processes;
  SimLogSink log;
  io::World world;
};

/// The agent's main. It owns the agent; when it is killed its wait throws and its frame unwinds, so
/// tasks that the agent's parts spawned must not need the parts while they unwind (share the state,
/// or hold the agent with Life::at_death).
using AgentMain = std::function<io::Task<void>(Host&, io::World&)>;

class Host {
 public:
  Host(World& world, std::string name, std::string ip, Knobs knobs, SimRandom random);

  const std::string name;
  const std::string ip;
  DiskImage disk;
  ProcessTable processes;

  /// Starts an agent. Precondition: none runs here.
  void boot(AgentMain main);
  /// kill -9 of the agent: what it wrote stays, its processes run on.
  void kill();
  /// The machine loses power: agent and processes end, unsynced data is torn or gone.
  void power_off();
  /// Somebody sets the wall clock; the other one goes on.
  void step_clock(base::Duration by) { skew_ += by; }
  /// SIGSTOP of the agent, and SIGCONT after a while.
  void pause(base::Duration duration);

  bool running() const { return agent_ && agent_->life->alive(); }
  /// How often an agent was started here.
  int boots() const { return boots_; }
  /// Of the running agent.
  Life& life() { return *agent_->life; }
  Outfit& outfit() { return *agent_; }
  World& world() { return world_; }

 private:
  std::shared_ptr<Outfit> make_outfit(const std::string& what);

  World& world_;
  SimRandom random_;
  base::Duration skew_;
  std::shared_ptr<Outfit> agent_;
  int boots_ = 0;
};

}  // namespace caravan::sim
