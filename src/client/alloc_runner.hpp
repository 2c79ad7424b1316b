// SPDX-License-Identifier: Apache-2.0
// One allocation's life on its node: folders, tasks in the order of their lifecycle, services,
// health, and the end. What the tasks do is theirs; this decides when each may begin and when all
// must stop.
#pragma once

#include <map>
#include <memory>

#include "client/check_set.hpp"
#include "client/client_status.hpp"
#include "client/task_runner.hpp"

namespace caravan::client {

class AllocRunner : public TaskOwner, private CheckedTasks {
 public:
  AllocRunner(Host& host, StoredAlloc stored);
  ~AllocRunner() override;

  void start();
  /// The servers changed their mind: another desired status, a newer job version.
  io::Task<void> update(model::Allocation newer);
  /// Waits for the coroutines to unwind, without touching any task: the agent is ending.
  io::Task<void> abandon();

  wire::AllocReport report() const;
  bool is_over() const { return over_; }  // every task is dead, and everything is cleaned up
  model::ClientStatus status() const;
  std::uint64_t known_index() const { return alloc_.alloc_modify_index; }

  /// Asked for by users. Errors: not_found (the task), invalid.
  io::Task<base::Status> restart_tasks(std::string task, bool all);
  io::Task<base::Status> signal_tasks(std::string task, std::string signal);
  /// Removes its folders once it is over; that it was stays known. Errors: invalid, io.
  base::Status free_disk();
  const std::map<std::string, std::unique_ptr<TaskRunner>>& tasks() const { return tasks_; }
  json::Object check_results() const { return checks_.results(); }

  // TaskOwner
  const model::Allocation& allocation() const override { return alloc_; }
  const AllocDir& dir() const override { return dir_; }
  bool may_start(const model::Task& task) const override;
  io::Event& changed() override { return changed_; }
  void task_changed() override;
  const AllocNetwork& network() const override { return network_; }

 private:
  // CheckedTasks
  std::optional<base::Duration> running_for(const std::string& task) const override;
  void restart_unhealthy(const std::string& task, const std::string& reason) override;
  io::Task<base::Result<int>> run_beside(std::string task, driver::ExecSpec what,
                                         driver::ExecPipe& pipe) override;

  io::Task<void> live();
  io::Task<bool> prepare();
  io::Task<base::Status> make_network();
  io::Task<void> supervise();
  io::Task<void> watch_health();
  void decide_health(bool healthy);
  io::Task<void> keep_services();
  CatalogShare wanted_share() const;
  io::Task<void> keep_share();
  io::Task<void> limit_run();
  io::Task<void> wake_dependents();
  bool is_well(const std::string& task) const;
  std::optional<base::Instant> run_ends() const;
  void react();
  void obey(const model::RestartOrder& order);
  io::Task<void> take_environment(std::vector<std::string> tasks);
  void kill_all(std::optional<model::TaskEvent> event);
  void kill_tasks(std::optional<model::TaskEvent> event);
  bool is_somebodys() const;
  io::Task<void> take_leave(std::optional<model::TaskEvent> why);
  bool stops() const { return alloc_.server_terminal(); }
  bool all_dead(bool (model::Task::*which)() const = nullptr) const;
  const TaskRunner* failed_task() const;
  std::vector<model::ServiceRegistration> wanted_services() const;

  Host& host_;
  model::Allocation alloc_;
  AllocDir dir_;
  AllocNetwork network_;
  std::map<std::string, TaskRecord> records_;
  std::map<std::string, std::unique_ptr<TaskRunner>> tasks_;
  io::Event changed_;
  CheckSet checks_;
  std::unique_ptr<io::TaskGroup> group_;
  std::optional<std::string> setup_error_;
  std::optional<bool> healthy_;
  base::Instant health_time_;
  bool killing_ = false, over_ = false, restored_ = false;
  bool leaving_ = false;    // nobody is sent to its tasks any more; they still run
  bool is_listed_;          // the servers have services of it, or may have
  bool has_network_ = false;  // a namespace that is not taken down yet
};

}  // namespace caravan::client
