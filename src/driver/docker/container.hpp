// SPDX-License-Identifier: Apache-2.0
// A container of ours that was started, or found again. It is named by its task and allocation, and
// a label says which run it is; so it needs no answer of the engine to be made.
#pragma once

#include <set>

#include "driver/docker/log_follower.hpp"
#include "driver/docker/options.hpp"
#include "driver/driver.hpp"
#include "io/task.hpp"

namespace caravan::driver::docker {

/// What the engine says of a container.
struct Inspection {
  std::string id, run, status;  // status: created, running, exited …
  int pid = 0;
  TaskExit exit;  // once it has ended
  bool tty = false;
  bool has_ended() const { return status == "exited" || status == "dead"; }
};

Inspection parse_inspection(const json::Value& said);
/// Errors: not_found, io, timeout.
io::Task<base::Result<Inspection>> inspect(Api& api, std::string container);
/// Kills and removes it with its anonymous volumes; one that is not there is no error.
io::Task<base::Status> remove(Api& api, std::string container);

/// Removes a container that was created and never started; the engine refuses when a start comes
/// first. Returns whether it is gone. Errors: io, timeout.
io::Task<base::Result<bool>> remove_unstarted(Api& api, std::string container);

class Container : public TaskHandle {
 public:
  /// `folder`: the run's, for positions of logs. `leftovers`: what could not be removed.
  Container(Api& api, const Options& options, const TaskSpec& spec, std::string run,
            std::string folder, std::set<std::string>& leftovers, io::Logger log,
            boost::asio::any_io_executor lane);

  /// Also copies the output: what it is cancelled in, the next call goes on with.
  io::Task<TaskExit> wait() override;
  io::Task<base::Status> signal(int signal) override;
  /// The kill after `timeout` is wait()'s to do.
  io::Task<base::Status> stop(int signal, base::Duration timeout) override;
  base::Result<TaskUsage> usage() override;
  io::Task<void> destroy() override;

 private:
  io::Task<void> until_ended();
  io::Task<void> look();
  io::Task<void> look_for_oom();
  io::Task<void> ask_for_end();
  io::Task<void> copy_logs(LogFollower& follower);
  io::Task<void> copy_until_ended(LogFollower& follower);
  io::Task<void> copy_rest(LogFollower& follower);
  io::Task<base::Status> kill(int signal);

  Api& api_;
  const Options& options_;
  std::string name_, holder_, run_, folder_;  // holder_: "" when it holds no network
  std::set<std::string>& leftovers_;
  io::Logger log_;
  std::vector<std::unique_ptr<LogFollower>> followers_;
  io::Event changed_;  // it ended, or shall end
  std::optional<TaskExit> exit_;
  std::optional<base::Duration> kill_at_;  // of the clock's uptime
  std::set<const LogFollower*> drained_;
  int pid_ = 0;
  bool tty_ = false, seen_ = false, told_unreachable_ = false;
};

}  // namespace caravan::driver::docker
