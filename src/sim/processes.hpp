// SPDX-License-Identifier: Apache-2.0
// Programs of a host that survive its agent. A program is a coroutine found by argv[0]; it sees a
// world of its own (same disk, same addresses), so a simulated supervisor can serve its UNIX socket
// while agents come and go.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "io/processes.hpp"
#include "sim/life.hpp"

namespace caravan::io {
struct World;
}

namespace caravan::sim {

struct Outfit;

/// One running program, as its own code sees it.
struct Process {
  explicit Process(boost::asio::any_io_executor executor) : signalled(executor), ended(executor) {}
  io::ProcessId id;
  io::Program program;
  std::string input, out, err;
  bool catches_signals = false;  // then TERM and the like arrive below instead of ending it
  int last_signal = 0;
  io::Event signalled;

  io::World& world();

  // Of the process table.
  LifePtr life;
  std::shared_ptr<Outfit> outfit;
  bool running = true;
  int exit_code = 0;
  io::Event ended;
};

/// Returns the exit code.
using ProgramMain = std::function<io::Task<int>(Process&)>;

class ProcessTable {
 public:
  using MakeOutfit = std::function<std::shared_ptr<Outfit>(const std::string& name)>;
  using Reap = std::function<void(LifePtr)>;
  ProcessTable(const std::map<std::string, ProgramMain>& programs, MakeOutfit make, Reap reap)
      : programs_(programs), make_(std::move(make)), reap_(std::move(reap)) {}

  base::Result<std::shared_ptr<Process>> start(const io::Program& program, std::string input);
  std::shared_ptr<Process> find(const io::ProcessId& id) const;
  void end(Process& process, int exit_code, bool power = false);
  void power_off();
  std::size_t running() const;
  /// Set while an agent is killed by unwinding it: what it waits for goes on, as it would.
  bool agent_is_dying = false;

 private:
  const std::map<std::string, ProgramMain>& programs_;
  MakeOutfit make_;
  Reap reap_;
  // Pids come back soon, as on a small machine, so that trusting a bare pid goes wrong in tests.
  static constexpr int pid_min = 300, pid_max = 364;
  int next_pid_ = pid_min;
  std::map<int, std::shared_ptr<Process>> processes_;
};

class SimProcesses : public io::Processes {
 public:
  SimProcesses(ProcessTable& table, LifePtr life) : table_(table), life_(std::move(life)) {}
  base::Result<io::ProcessId> spawn_detached(const io::Program& program) override;
  bool is_alive(const io::ProcessId& process) override;
  base::Status signal(const io::ProcessId& process, int signal) override;
  io::Task<base::Result<io::Finished>> run(const io::Program& program, std::string input,
                                           base::Duration timeout, std::size_t output_max) override;

 private:
  ProcessTable& table_;
  LifePtr life_;
};

}  // namespace caravan::sim
