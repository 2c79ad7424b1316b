// SPDX-License-Identifier: Apache-2.0
// One task's life, from the first start to its death: setup, runs, restarts, end. The road of a
// start is straight (run_once): identities, templates, a name for the run written down, the driver.
// Client lane.
#pragma once

#include <optional>

#include "client/cpu_meter.hpp"
#include "client/host.hpp"
#include "client/identities.hpp"
#include "client/restart_tracker.hpp"
#include "client/task_events.hpp"
#include "client/template_set.hpp"
#include "io/task.hpp"

namespace caravan::client {

/// What the allocation decides for its tasks.
class TaskOwner {
 public:
  virtual ~TaskOwner() = default;
  virtual const model::Allocation& allocation() const = 0;
  virtual const AllocDir& dir() const = 0;
  /// Whether the task's place in the lifecycle has come.
  virtual bool may_start(const model::Task& task) const = 0;
  /// Notified after each change of any task, and when may_start may have changed.
  virtual io::Event& changed() = 0;
  /// A task's state is new: tell the servers, look at its siblings.
  virtual void task_changed() = 0;
  /// The network that its tasks live in.
  virtual const AllocNetwork& network() const = 0;
};

class TaskRunner {
 public:
  /// References outlive it. `task` belongs to the owner's allocation.
  TaskRunner(Host& host, TaskOwner& owner, std::string task, TaskRecord record);

  /// Returns when the task is dead.
  io::Task<void> run();
  /// Instead of run(): what the allocation needs before any task could not be made.
  io::Task<void> fail_setup(std::string reason);

  /// Ends the task for good. `event` says why; none when the allocation itself is to stop.
  /// `as_failure`: this end is one, however the task takes it.
  void kill(std::optional<model::TaskEvent> event, bool as_failure = false);
  /// Ends this run and begins another, whatever the restart policy says; unless it `counts` as a
  /// failure.
  void restart(std::string reason, bool counts = false);
  io::Task<base::Status> signal(int number, std::string reason);

  const std::string& name() const { return name_; }
  const model::Task& task() const;
  const model::TaskState& state() const { return record_.state; }
  bool is_dead() const { return record_.state.state == model::TaskRunState::dead; }
  bool is_running() const { return record_.state.state == model::TaskRunState::running; }
  /// Ended well, as a hook should.
  bool is_done() const { return is_dead() && !record_.state.failed; }
  bool is_finished() const { return finished_; }
  base::Result<driver::TaskUsage> usage() const;
  /// Of its processors, for whoever asks.
  CpuMeter& cpu_meter() { return cpu_meter_; }
  /// Joins a command beside the task with a user. The runner may go while it lasts. Errors: invalid
  /// (not running), and the driver's.
  io::Task<base::Result<int>> exec(driver::ExecSpec what, driver::ExecPipe& pipe) const;
  /// When its first run began; zero before.
  base::Instant first_started() const { return record_.first_started; }
  const std::string& current_run() const { return record_.run; }
  driver::TaskSpec spec() const;

 private:
  enum class Next { again, end };
  enum class Step {
    identity,
    payload,
    artifacts,
    templates,
    driver
  };  // of a start, for the event of its failure
  io::Task<Next> run_once();
  io::Task<base::Result<std::unique_ptr<driver::TaskHandle>>> recover();
  io::Task<base::Result<std::unique_ptr<driver::TaskHandle>>> start();
  io::Task<base::Status> obtain_identities();
  TokenFileMode token_files() const;
  base::Status write_payload();    // a dispatch's, once per allocation
  io::Task<base::Status> fetch();  // the artifacts, once per allocation
  io::Task<base::Status> render_templates();
  io::Task<void> template_news(base::Duration look);
  model::TaskEvent failure_event(const base::Error& error) const;
  io::Task<base::Status> prepare(const driver::TaskSpec& what);
  io::Task<void> tell(std::string message);
  io::Task<void> until_killed();
  io::Task<driver::TaskExit> live(driver::TaskHandle& handle);
  io::Task<void> end_run(driver::TaskHandle& handle, std::string reason);
  io::Task<Next> after_exit(const driver::TaskExit& exit);
  io::Task<Next> after_end();
  io::Task<Next> after_error(const base::Error& error);
  io::Task<Next> decide(RestartDecision decision);
  io::Task<void> watch_templates(driver::TaskHandle& handle);
  io::Task<void> after_render(driver::TaskHandle& handle);
  io::Task<void> run_script(model::ChangeScript script);
  io::Task<void> watch_identities(driver::TaskHandle& handle);
  io::Task<void> after_renewal(driver::TaskHandle& handle,
                               std::vector<model::WorkloadIdentity> renewed);
  io::Task<void> forever();  // until cancelled
  io::Task<void> note(model::TaskEvent event);
  io::Task<void> save();
  io::Task<void> finish();
  TaskEnv make_env() const;
  driver::Driver& driver() const { return *host_.drivers.at(task().driver); }

  Host& host_;
  TaskOwner& owner_;
  std::string name_;
  TaskRecord record_;
  RestartTracker tracker_;
  Identities identities_;
  TemplateSet templates_;
  io::Event command_;
  CpuMeter cpu_meter_;
  std::shared_ptr<driver::TaskHandle> handle_;  // who awaits one of its answers keeps it alive
  bool killing_ = false, restarting_ = false, restart_counts_ = false, finished_ = false,
       fresh_ = true, first_render_ = false;
  Step step_ = Step::driver;
  std::optional<model::TaskEvent> kill_event_;
  std::string restart_reason_;
};

}  // namespace caravan::client
