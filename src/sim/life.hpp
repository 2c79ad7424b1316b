// SPDX-License-Identifier: Apache-2.0
// One incarnation: an agent between its start and its death, or one simulated program. Everything
// that happens to it in virtual time passes through here, so that a dead one is left alone and a
// paused one (SIGSTOP) catches up when it wakes.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "io/task.hpp"
#include "sim/timeline.hpp"

namespace caravan::sim {

class Life : public std::enable_shared_from_this<Life> {
 public:
  Life(Timeline& timeline, boost::asio::any_io_executor executor, std::string name)
      : timeline(timeline), tasks(executor), executor(std::move(executor)), name(std::move(name)) {}

  Timeline& timeline;
  io::TaskGroup tasks;  // what the sim started in it
  const boost::asio::any_io_executor executor;
  const std::string name;

  bool alive() const { return alive_; }
  /// From this moment nothing it does has an effect. `power` says whether the machine went too, so
  /// that the peers of its connections are told nothing. Its tasks are cancelled by the driver.
  void die(bool power);
  void pause_until(base::Duration when) { paused_until_ = when; }
  /// Runs `action` then, unless dead by then; later when paused.
  void at(base::Duration when, std::function<void()> action);
  void after(base::Duration delay, std::function<void()> action);
  /// Called once, when it dies; what the closure holds stays alive until the world ends, because
  /// cancelled tasks may still look at it.
  void at_death(std::function<void(bool power)> action) { deaths_.push_back(std::move(action)); }

  io::Task<void> sleep(base::Duration duration);
  /// Waits for the event; throws as a cancelled task does when this life has ended.
  io::Task<void> wait(io::Event& event);
  /// Ends a task that runs on although its life is over.
  void check() const;

 private:
  bool alive_ = true;
  base::Duration paused_until_{0};
  std::vector<std::function<void(bool)>> deaths_;
  std::list<io::Event> waiting_;  // for these; a death wakes them all
};

using LifePtr = std::shared_ptr<Life>;

inline std::unexpected<base::Error> dead(const Life& life) {
  return base::fail(base::Code::io, life.name + " is down");
}

}  // namespace caravan::sim
