// SPDX-License-Identifier: Apache-2.0
// Copies one of a container's two streams from the engine into the task's log files: once each
// byte, over restarts of the agent and of the engine (docs/adr/0008-docker-logs.md).
#pragma once

#include "driver/docker/api.hpp"
#include "driver/docker/log_file.hpp"
#include "driver/docker/log_records.hpp"
#include "io/log.hpp"

namespace caravan::driver::docker {

class LogFollower {
 public:
  /// `kind`: "stdout" or "stderr". `position_path`: where it remembers how far it came.
  LogFollower(Api& api, std::string container, std::string kind, LogFile file,
              std::string position_path, io::Logger log);

  /// Makes the log file, or goes on with it where the position says. Errors: io.
  base::Status open();
  /// Copies what is there, and with `follow` what comes, until the container ends. May be cancelled
  /// at any wait and called again. Errors: not_found, io, timeout.
  io::Task<base::Status> copy(bool follow, bool tty);

 private:
  void write(const std::string& bytes);
  base::Status take(LogRecords& records, bool at_end);

  Api& api_;
  std::string container_, kind_;
  LogFile file_;
  std::string position_path_;
  io::Logger log_;
  std::unique_ptr<io::File> position_file_;
  LogPosition position_;
  LogChoice choice_;
  bool lost_some_ = false;  // a write failed; said once
};

}  // namespace caravan::driver::docker
