// SPDX-License-Identifier: Apache-2.0
// Runs under a supervisor: a folder per run, a socket to talk, a state file that outlives both.
// (src/supervisor/supervisor.h tells the protocol.)
#pragma once

#include "driver/driver.hpp"
#include "io/log.hpp"
#include "io/world.hpp"

namespace caravan::driver {

/// What a supervised driver wants started.
struct Command {
  std::vector<std::string> argv;
  std::vector<std::string> env;  // KEY=VALUE
  std::string dir;
  long uid = -1, gid = -1;
  std::vector<std::string> cgroups;
  std::string network_namespace;  // a path; "" = the host's
};

class Supervisors {
 public:
  /// `program`: the supervisor's path on disk. `folder`: where runs live; short, for sockets.
  Supervisors(io::World& world, std::string program, std::string folder, io::Logger log);

  std::string reserve(const TaskSpec& spec, std::uint64_t run) const;
  io::Task<base::Result<std::unique_ptr<TaskHandle>>> start(const TaskSpec& spec,
                                                            const std::string& run,
                                                            Command command);
  io::Task<base::Result<std::unique_ptr<TaskHandle>>> recover(const std::string& run);
  io::World& world() { return world_; }
  io::Disk& disk() { return world_.disk; }
  /// Where a run's files are; what a driver puts there goes with the run.
  std::string run_folder(const std::string& run) const { return folder_ + "/" + run; }

 private:
  io::World& world_;
  std::string program_, folder_;
  io::Logger log_;
};

/// Writes the supervisor that this binary carries to `path`, when it is not there already.
io::Task<base::Status> install_supervisor(io::Disk& disk, std::string path);
/// The same for the program that lends a network namespace to containers (docker/network_holder).
io::Task<base::Status> install_holder(io::Disk& disk, std::string path);

}  // namespace caravan::driver
