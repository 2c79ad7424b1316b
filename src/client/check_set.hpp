// SPDX-License-Identifier: Apache-2.0
// The checks of an allocation's services in the native catalog: each asked at its interval while
// what it watches runs. Client lane.
#pragma once

#include <map>
#include <set>

#include "checks/status.hpp"
#include "checks/tally.hpp"
#include "client/host.hpp"
#include "io/task.hpp"

namespace caravan::client {

/// What a check watches: tasks that run, and how to begin them anew.
class CheckedTasks {
 public:
  virtual ~CheckedTasks() = default;
  /// For how long the task has been running, or with "" every main one; nothing when it is not.
  virtual std::optional<base::Duration> running_for(const std::string& task) const = 0;
  virtual void restart_unhealthy(const std::string& task, const std::string& reason) = 0;
  /// Runs a command beside the task; returns its exit code. Errors: not_found, and the driver's.
  virtual io::Task<base::Result<int>> run_beside(std::string task, driver::ExecSpec what,
                                                 driver::ExecPipe& pipe) = 0;
};

class CheckSet {
 public:
  /// All three outlive it; the allocation may change under it.
  CheckSet(Host& host, const model::Allocation& alloc, CheckedTasks& tasks);

  /// Asks until it is cancelled.
  io::Task<void> run();
  /// Every check that a deployment has to wait for has passed. True when there is none.
  bool all_passing() const;
  /// The same of the checks of one task.
  bool passing_of(const std::string& task) const;
  /// Of the services in the registry.
  std::vector<model::CatalogCheck> catalog_checks() const;
  /// How they are asked, by their ids there.
  std::map<std::string, CheckQuestion> questions() const;
  /// By the checks' ids, as users read them (CheckQueryResult).
  json::Object results() const;

 private:
  /// Shared with the probe on its way, which may outlive the entry in the set.
  struct Entry {
    std::string id, service, task, name;  // task "": of the group
    std::string registered;               // the service's id in the registry; "": it is not there
    model::ServiceCheck check;
    checks::Probe probe;
    std::string place;                 // what the probe asks, in words
    std::vector<std::string> command;  // of a script instead of the probe
    checks::Status status;
    checks::Tally tally;
    model::Health health = model::Health::critical;  // as the registry has it
    base::Duration due{0};
    bool asking = false;
    std::optional<checks::Outcome> fresh;  // not looked at yet
  };
  using Entries = std::map<std::string, std::shared_ptr<Entry>>;

  io::Task<void> ask(std::shared_ptr<Entry> entry);
  io::Task<checks::Outcome> run_script(const Entry& entry);
  Entries wanted() const;
  static bool is_passing(const Entry& entry);
  void add(Entries& into, const std::string& owner, const model::Service& service) const;
  void keep_up();
  void look_at(Entry& entry);

  Host& host_;
  const model::Allocation& alloc_;
  CheckedTasks& tasks_;
  Entries entries_;
};

}  // namespace caravan::client
