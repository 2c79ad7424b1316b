// SPDX-License-Identifier: Apache-2.0
#include "client/task_runner.hpp"

#include <csignal>
#include <cstring>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/assert.hpp"
#include "client/signals.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using model::TaskRunState;

/// Restarts are spread by up to this share of their delay, so that tasks do not come back in step.
constexpr double restart_jitter = 0.25;

}  // namespace

TaskRunner::TaskRunner(Host& host, TaskOwner& owner, std::string task, TaskRecord record)
    : host_(host),
      owner_(owner),
      name_(std::move(task)),
      record_(std::move(record)),
      tracker_(this->task().restart, restarts_on_success(*owner.allocation().job, this->task())),
      identities_(host, owner.allocation().id, this->task(), owner.dir(), record_.identities),
      templates_(host, owner.allocation().id, this->task(), owner.dir()),
      command_(host.world.executor.lane(io::Lane::client)) {
  tracker_.restore(record_.restarts_in_window, record_.window_start);
}

const model::Task& TaskRunner::task() const {
  const model::Task* task = owner_.allocation().task_group().find_task(name_);
  ASSERT(task != nullptr);
  return *task;
}

base::Result<driver::TaskUsage> TaskRunner::usage() const {
  if (!handle_) return base::fail(base::Code::not_found, "the task is not running");
  return handle_->usage();
}

io::Task<base::Result<int>> TaskRunner::exec(driver::ExecSpec what, driver::ExecPipe& pipe) const {
  const driver::TaskSpec beside = spec();
  const std::string run = record_.run;
  driver::Driver& by = driver();  // from here on only what the host owns
  co_return co_await by.exec(beside, run, what, pipe);
}

io::Task<void> TaskRunner::save() {
  record_.restarts_in_window = tracker_.count();
  record_.window_start = tracker_.window_start();
  const base::Status saved =
      co_await host_.local_state.save_task(owner_.allocation().id, name_, record_);
  if (!saved)
    host_.log.error("cannot write a task's state down",
                    {{"task", name_}, {"error", saved.error().message}});
}

io::Task<void> TaskRunner::note(model::TaskEvent event) {
  event.time_ns = host_.world.clock.now().unix_ns;
  host_.log.debug("task event", {{"alloc", owner_.allocation().id.to_short()},
                                 {"task", name_},
                                 {"event", event.type},
                                 {"message", event.display_message}});
  std::vector<model::TaskEvent>& events = record_.state.events;
  events.push_back(std::move(event));
  if (events.size() > model::task_events_max) events.erase(events.begin());
  co_await save();
  owner_.task_changed();
}

void TaskRunner::kill(std::optional<model::TaskEvent> event, bool as_failure) {
  if (killing_) return;
  killing_ = true;
  if (as_failure) record_.state.failed = true;
  kill_event_ = std::move(event);
  command_.notify();
}

void TaskRunner::restart(std::string reason, bool counts) {
  restart_counts_ = counts && (!restarting_ || restart_counts_);
  restarting_ = true;
  restart_reason_ = std::move(reason);
  command_.notify();
}

io::Task<base::Status> TaskRunner::signal(int number, std::string reason) {
  const base::Status not_running = base::invalid(fmt::format("Task \"{}\" is not running", name_));
  if (!handle_) co_return not_running;
  co_await note(event::signaling(number, std::move(reason)));
  const std::shared_ptr<driver::TaskHandle> handle = handle_;  // its run may end meanwhile
  if (!handle) co_return not_running;
  const base::Status told = co_await handle->signal(number);
  const bool ended = handle != handle_ || record_.run_ended;
  co_return !told && ended ? not_running : told;
}

io::Task<void> TaskRunner::run() {
  if (record_.state.events.empty()) co_await note(event::received());
  // The agent died between a run's end and what follows from it: it must not run once more.
  if (record_.exit.is_open && !is_dead() && co_await after_end() == Next::end) {
    co_await finish();
    co_return;
  }
  while (!is_dead()) {
    const bool has_run = !record_.run.empty() && !record_.run_ended;
    while (!has_run && !killing_ && !owner_.may_start(task()))
      co_await (owner_.changed().wait() || command_.wait());
    if (killing_ && !has_run) break;
    if (co_await run_once() == Next::end) break;
  }
  co_await finish();
}

io::Task<void> TaskRunner::fail_setup(std::string reason) {
  if (record_.state.events.empty()) co_await note(event::received());
  record_.state.failed = true;
  co_await note(event::setup_failure(std::move(reason)));
  co_await finish();
}

io::Task<void> TaskRunner::finish() {
  if (killing_ && kill_event_) co_await note(*std::exchange(kill_event_, {}));
  if (!is_dead()) {
    record_.exit = {};
    record_.state.state = TaskRunState::dead;
    if (record_.state.finished_at.is_zero()) record_.state.finished_at = host_.world.clock.now();
    co_await save();
  }
  finished_ = true;
  owner_.task_changed();
}

io::Task<TaskRunner::Next> TaskRunner::run_once() {
  restarting_ = false;
  base::Result<std::unique_ptr<driver::TaskHandle>> found = nullptr;
  const bool interrupted = fresh_ && !record_.run.empty() && !record_.run_ended;
  fresh_ = false;
  if (interrupted) found = co_await recover();
  // Its process went down with the machine: whether it is wanted still is for the servers to say,
  // who may have moved it meanwhile.
  while (interrupted && found && !*found && !killing_ && !host_.in_contact())
    co_await (owner_.changed().wait() || command_.wait());
  if (killing_ && found && !*found) co_return Next::end;
  if (found && !*found) found = co_await start();
  if (!found) {
    if (killing_) co_return Next::end;
    co_return co_await after_error(found.error());
  }
  handle_ = *std::move(found);
  if (!is_running()) {
    record_.state.state = TaskRunState::running;
    record_.state.started_at = host_.world.clock.now();
    if (record_.first_started.is_zero()) record_.first_started = record_.state.started_at;
    co_await note(event::started());
  }
  const driver::TaskExit exit = co_await live(*handle_);
  co_return co_await after_exit(exit);
}

io::Task<void> TaskRunner::end_run(driver::TaskHandle& handle, std::string reason) {
  const base::Duration delay = task().shutdown_delay;
  const bool skip_delay = owner_.allocation().desired_transition.no_shutdown_delay.value_or(false);
  if (delay > 0s && !skip_delay) {
    co_await note(event::waiting_shutdown_delay(delay));
    co_await host_.world.clock.sleep(delay);
  }
  const base::Duration timeout = std::min(task().kill_timeout, host_.kill_timeout_max);
  co_await note(event::killing(timeout, std::move(reason)));
  int number = driver().default_signal();
  if (!task().kill_signal.empty()) number = signal_number(task().kill_signal).value_or(number);
  const base::Status stopped = co_await handle.stop(number, timeout);
  if (!stopped)
    host_.log.warn("cannot stop a task", {{"task", name_}, {"error", stopped.error().message}});
}

io::Task<driver::TaskExit> TaskRunner::live(driver::TaskHandle& handle) {
  while (!killing_ && !restarting_) {
    auto raced = co_await (handle.wait() || command_.wait() || watch_templates(handle) ||
                           watch_identities(handle));
    if (raced.index() == 0) co_return std::get<0>(raced);
  }
  if (killing_) {
    if (kill_event_) co_await note(*std::exchange(kill_event_, {}));
    co_await end_run(handle, "");
  } else {
    co_await note(event::restart_signaled(restart_reason_));
    co_await end_run(handle, "");
  }
  co_return co_await handle.wait();
}

io::Task<TaskRunner::Next> TaskRunner::after_exit(const driver::TaskExit& exit) {
  record_.run_ended = true;
  record_.exit = {true, exit.code, exit.signal, exit.oom, exit.error, {}};
  record_.state.finished_at = host_.world.clock.now();
  co_await note(event::terminated(exit));
  co_return co_await after_end();
}

/// What follows from the end that is written down. It stays open until that is written, too.
io::Task<TaskRunner::Next> TaskRunner::after_end() {
  const OpenExit& open = record_.exit;
  const driver::TaskExit exit{open.code, open.signal, open.oom, open.error};
  if (!handle_ && host_.drivers.contains(task().driver)) {
    base::Result<std::unique_ptr<driver::TaskHandle>> left = co_await recover();
    if (left) handle_ = *std::move(left);
  }
  if (handle_) co_await handle_->destroy();
  handle_.reset();
  if (killing_) {
    co_await note(event::killed());
    co_return Next::end;
  }
  const bool asked = std::exchange(restarting_, false);
  if (asked && !restart_counts_) {
    record_.exit = {};
    record_.state.state = TaskRunState::pending;
    ++record_.state.restarts;
    record_.state.last_restart = host_.world.clock.now();
    co_await note(event::restarting(0s, restart_reason_));
    co_return Next::again;
  }
  const RestartDecision decision =
      tracker_.on_exit(!asked && exit.is_success(), host_.world.clock.now());
  if (decision.kind == RestartDecision::Kind::give_up) record_.state.failed = true;
  co_return co_await decide(decision);
}

io::Task<TaskRunner::Next> TaskRunner::after_error(const base::Error& error) {
  const bool recoverable =
      error.code != base::Code::invalid && error.code != base::Code::unsupported;
  record_.run_ended = true;
  co_await note(failure_event(error));
  const RestartDecision decision = tracker_.on_start_error(recoverable, host_.world.clock.now());
  if (decision.kind == RestartDecision::Kind::give_up) record_.state.failed = true;
  co_return co_await decide(decision);
}

io::Task<TaskRunner::Next> TaskRunner::decide(RestartDecision decision) {
  if (decision.kind == RestartDecision::Kind::finish) co_return Next::end;
  if (decision.kind == RestartDecision::Kind::give_up) {
    co_await note(event::not_restarting(std::move(decision.reason)));
    co_return Next::end;
  }
  const base::Duration delay = host_.world.random.jitter(decision.delay, restart_jitter);
  record_.exit = {};
  record_.state.state = TaskRunState::pending;
  ++record_.state.restarts;
  record_.state.last_restart = host_.world.clock.now();
  co_await note(event::restarting(delay, std::move(decision.reason)));
  if (!killing_ && !restarting_) co_await (host_.world.clock.sleep(delay) || command_.wait());
  co_return killing_ ? Next::end : Next::again;
}

}  // namespace caravan::client
