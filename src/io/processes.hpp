// SPDX-License-Identifier: Apache-2.0
// Other programs. A process is named by pid and start time, because pids come back.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "io/dialog.hpp"
#include "io/task_fwd.hpp"

namespace caravan::io {

struct ProcessId {
  int pid = 0;
  std::uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat
  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

struct Program {
  std::vector<std::string> argv;  // argv[0] is the absolute path
  std::vector<std::string> env;   // KEY=VALUE; the child gets nothing else
  std::string dir = "/";
};

struct Finished {
  int exit_code = 0;  // 128+n when signal n ended it
  std::string out;    // the first `output_max` bytes of each
  std::string err;
};

class Processes {
 public:
  virtual ~Processes() = default;
  /// Starts a program in a session of its own that outlives this agent, with no standard streams.
  virtual base::Result<ProcessId> spawn_detached(const Program& program) = 0;
  virtual bool is_alive(const ProcessId& process) = 0;
  /// Sends a signal, unless the pid now belongs to another process. Errors: not_found.
  virtual base::Status signal(const ProcessId& process, int signal) = 0;
  /// Runs a short helper program to its end. It is killed when nobody waits any more. Errors: io,
  /// timeout (it is killed then, too).
  virtual Task<base::Result<Finished>> run(const Program& program, std::string input,
                                           base::Duration timeout, std::size_t output_max) = 0;
  /// Starts a program to talk to, served by `executor`; with `tty` it has a terminal. Errors: io;
  /// unsupported (in the simulated world).
  virtual base::Result<std::unique_ptr<Dialog>> converse(boost::asio::any_io_executor executor,
                                                         const Program& program, bool tty);
};

}  // namespace caravan::io
