// SPDX-License-Identifier: Apache-2.0
#include "sim/processes.hpp"

#include <csignal>

#include <fmt/core.h>

#include "base/assert.hpp"
#include "sim/host.hpp"

namespace caravan::sim {

io::World& Process::world() { return outfit->world; }

namespace {

/// A program that the agent waits for: it goes on when the agent dies, and ends when a living one
/// does not wait any more.
struct Awaited {
  ProcessTable& table;
  std::shared_ptr<Process> process;
  LifePtr waiter;
  ~Awaited() {
    const bool lives = waiter->alive() && !table.agent_is_dying;
    if (process->running && lives) table.end(*process, 128 + SIGKILL);
  }
};

io::Task<void> run_to_end(ProcessTable& table, std::shared_ptr<Process> process,
                          const ProgramMain* main) {
  const int code = co_await (*main)(*process);
  table.end(*process, code);
}

}  // namespace

base::Result<std::shared_ptr<Process>> ProcessTable::start(const io::Program& program,
                                                           std::string input) {
  const std::string path = program.argv.empty() ? "" : program.argv[0];
  const auto main = programs_.find(path);
  if (main == programs_.end())
    return base::fail(base::Code::io, path + ": no such file or directory");
  const auto outfit = make_(path);
  const auto process = std::make_shared<Process>(outfit->life->executor);
  while (processes_.contains(next_pid_) && processes_[next_pid_]->running) {
    if (++next_pid_ == pid_max) next_pid_ = pid_min;
    if (running() >= pid_max - pid_min)
      return base::fail(base::Code::io, "fork: resource temporarily unavailable");
  }
  const auto ticks = outfit->life->timeline.now() / std::chrono::milliseconds(10);
  process->id = {next_pid_, static_cast<std::uint64_t>(ticks)};
  process->program = program;
  process->input = std::move(input);
  process->life = outfit->life;
  process->outfit = outfit;
  processes_[next_pid_] = process;
  if (++next_pid_ == pid_max) next_pid_ = pid_min;
  process->life->tasks.spawn(run_to_end(*this, process, &main->second));
  return process;
}

std::shared_ptr<Process> ProcessTable::find(const io::ProcessId& id) const {
  const auto found = processes_.find(id.pid);
  if (found == processes_.end() || !found->second->running || found->second->id != id)
    return nullptr;
  return found->second;
}

void ProcessTable::end(Process& process, int exit_code, bool power) {
  if (!process.running) return;
  process.running = false;
  process.exit_code = exit_code;
  process.life->die(power);
  process.ended.notify();
  reap_(process.life);
}

void ProcessTable::power_off() {
  for (auto& [pid, process] : processes_)
    end(*process, 128 + SIGKILL, true);
}

std::size_t ProcessTable::running() const {
  std::size_t count = 0;
  for (const auto& [pid, process] : processes_)
    count += process->running;
  return count;
}

base::Result<io::ProcessId> SimProcesses::spawn_detached(const io::Program& program) {
  if (!life_->alive()) return dead(*life_);
  TRY(const std::shared_ptr<Process> process, table_.start(program, {}));
  return process->id;
}

bool SimProcesses::is_alive(const io::ProcessId& process) {
  return life_->alive() && table_.find(process) != nullptr;
}

base::Status SimProcesses::signal(const io::ProcessId& id, int signal) {
  if (!life_->alive()) return dead(*life_);
  const auto process = table_.find(id);
  if (!process) return base::fail(base::Code::not_found, fmt::format("no process {}", id.pid));
  if (signal == SIGKILL || !process->catches_signals) {
    table_.end(*process, 128 + signal);
  } else {
    process->last_signal = signal;
    process->signalled.notify();
  }
  return {};
}

io::Task<base::Result<io::Finished>> SimProcesses::run(const io::Program& program,
                                                       std::string input, base::Duration timeout,
                                                       std::size_t output_max) {
  const LifePtr life = life_;
  ProcessTable& table = table_;
  life->check();
  const std::string path = program.argv.empty() ? "" : program.argv[0];
  CO_TRY(const std::shared_ptr<Process> process, table.start(program, std::move(input)));
  const auto late = std::make_shared<bool>(false);
  const std::weak_ptr<Process> weak = process;
  ProcessTable* const owner = &table;
  life->after(timeout, [weak, late, owner] {
    const auto running = weak.lock();
    if (!running || !running->running) return;
    *late = true;
    owner->end(*running, 128 + SIGKILL);
  });
  const Awaited awaited{table, process, life};
  while (process->running)
    co_await life->wait(process->ended);
  if (*late)
    co_return base::fail(base::Code::timeout, fmt::format("{}: not finished after {}", path,
                                                          base::format_duration(timeout)));
  io::Finished finished;
  finished.exit_code = process->exit_code;
  finished.out = process->out.substr(0, output_max);
  finished.err = process->err.substr(0, output_max);
  co_return finished;
}

}  // namespace caravan::sim
