// SPDX-License-Identifier: Apache-2.0
// A driver runs tasks in one way: as a plain process, in an OCI container, in Docker. The client
// knows this interface only.
//
// Starting is in two steps, because the agent may die between any two instructions: reserve() names
// the run, the client writes the name down, and only then start() brings it to life. recover() with
// the same name finds it again, or says surely that it never came to be.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "io/network.hpp"
#include "io/task_fwd.hpp"
#include "json/value.hpp"
#include "model/allocation.hpp"

namespace caravan::driver {

/// Everything a driver needs to know of one task; interpolated, with all folders made.
struct TaskSpec {
  base::AllocId alloc_id;
  std::string task, job, group, job_name, parent_job, job_namespace, node_name, node_id;
  json::Object config;  // the task's `config` block
  std::map<std::string, std::string> env;
  std::string user;
  model::Resources resources;
  std::string task_dir, alloc_dir;  // on the host: <alloc>/<task>, <alloc>/alloc
  std::string log_prefix;           // "<alloc>/alloc/logs/<task>"; "" = keep no logs
  int log_files_max = 10;
  int log_file_mb_max = 10;
  std::vector<model::PortMapping> ports;
  std::string network_namespace;  // path, or "" for the host's
  std::string hostname;           // "" = the host's
  struct Mount {
    enum class Propagation { isolated, host_to_task, bidirectional };
    std::string host_path, task_path;
    bool read_only = false;
    Propagation propagation = Propagation::isolated;
  };
  struct Device {
    std::string host_path, task_path, permissions = "rwm";
  };
  std::vector<Device> devices;    // of those that the allocation was given
  std::vector<Mount> mounts;      // host volumes
  std::vector<Mount> name_files;  // the group's own resolv.conf and hosts, when it has them
};

struct TaskExit {
  int code = 0;
  int signal = 0;
  bool oom = false;
  std::string error;  // how the driver lost it, if it did
  bool is_success() const { return code == 0 && signal == 0 && error.empty(); }
};

/// What a task has had of processors since it was started.
struct CpuTime {
  std::uint64_t user_ns = 0, system_ns = 0;
  std::uint64_t throttled_periods = 0, throttled_ns = 0;  // in which it had to wait for its quota
};

/// Usage of a running task, as far as the driver can tell.
struct TaskUsage {
  std::uint64_t rss_bytes = 0;
  std::optional<CpuTime> cpu;
};

/// A task that was started, or found again.
class TaskHandle {
 public:
  virtual ~TaskHandle() = default;
  /// Returns when the task has ended; may be awaited again.
  virtual io::Task<TaskExit> wait() = 0;
  virtual io::Task<base::Status> signal(int signal) = 0;
  /// `signal` now, and the end of all of it after `timeout`. Returns at once; wait() tells the
  /// rest.
  virtual io::Task<base::Status> stop(int signal, base::Duration timeout) = 0;
  virtual base::Result<TaskUsage> usage() = 0;
  /// Forgets what is kept of the ended run on disk or in the engine.
  virtual io::Task<void> destroy() = 0;
};

struct Fingerprint {
  bool detected = false, healthy = false;
  std::string description;                        // why not, in words
  std::map<std::string, std::string> attributes;  // "driver.docker.version" …
};

/// What an exec asked for.
struct ExecSpec {
  std::vector<std::string> command;
  bool tty = false;
};

/// Says what a driver is doing, in the task's events.
using Tell = std::function<io::Task<void>(std::string message)>;

class Driver {
 public:
  virtual ~Driver() = default;
  virtual std::string name() const = 0;
  virtual io::Task<Fingerprint> fingerprint() = 0;
  /// The signal that ends a task when it names none itself.
  virtual int default_signal() const = 0;
  /// Whether tasks see "/alloc", "/local" and "/secrets" instead of host paths.
  virtual bool has_own_root() const = 0;
  /// Whether tasks can be started in TaskSpec::network_namespace.
  virtual bool joins_network_namespace() const { return false; }
  /// Whether the agent's own environment flows into the task.
  virtual bool passes_host_env() const = 0;
  /// What is wrong with a `config` block: unknown keys, wrong types, missing ones. Errors: invalid.
  virtual base::Status validate(const json::Object& config) const = 0;

  /// Fetches what a start needs and what may take long, such as an image. May be cancelled at any
  /// time and called again; nothing of the task exists after it. Errors: as start().
  virtual io::Task<base::Status> prepare(const TaskSpec& spec, const Tell& tell);
  /// A name for one run of the task, unlike all earlier ones.
  virtual std::string reserve(const TaskSpec& spec, std::uint64_t run) = 0;
  /// Errors: invalid (the user's mistake: trying again is useless), io.
  virtual io::Task<base::Result<std::unique_ptr<TaskHandle>>> start(const TaskSpec& spec,
                                                                    const std::string& run) = 0;
  /// The run, alive or ended; null when it never began and never will.
  virtual io::Task<base::Result<std::unique_ptr<TaskHandle>>> recover(const TaskSpec& spec,
                                                                      const std::string& run) = 0;
  /// Runs a command beside the task and joins it with the stream: see client/exec_pipe. Returns
  /// its exit code. Errors: unsupported.
  virtual io::Task<base::Result<int>> exec(const TaskSpec& spec, const std::string& run,
                                           const ExecSpec& what, class ExecPipe& pipe);
};

/// What the user of an exec session did.
struct ExecInput {
  std::string bytes;
  bool closes = false;        // the end of the input
  int rows = 0, columns = 0;  // the terminal's new size, when above 0
};

/// Both directions of an exec session.
class ExecPipe {
 public:
  virtual ~ExecPipe() = default;
  /// Errors: whatever means that the user is gone.
  virtual io::Task<base::Result<ExecInput>> read_input() = 0;
  /// Called for output and for errors at the same time.
  virtual io::Task<base::Status> write_output(bool is_stderr, std::string bytes) = 0;
};

}  // namespace caravan::driver
