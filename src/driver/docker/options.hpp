// SPDX-License-Identifier: Apache-2.0
// plugin "docker" { config { … } }: what the operator allows, and where the engine is.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "driver/oci.hpp"

namespace caravan::driver::docker {

struct Options {
  std::string socket = "/var/run/docker.sock";
  std::vector<std::string> extra_labels;  // globs: "job_*"
  std::string auth_config, auth_helper;   // a config.json; "ecr-login" of docker-credential-…
  std::string log_driver = "json-file";
  std::map<std::string, std::string> log_options;  // empty: sized after the task's own logs
  bool removes_containers = true;                  // gc.container
  bool allows_volumes = false;                     // host paths, volumes and devices
  std::string selinux_label;                       // appended to binds of volumes
  bool allows_privileged = false;
  std::vector<std::string> allow_caps = default_capabilities();
  std::vector<std::string> allow_runtimes = {"runc", "nvidia"};
  std::int64_t pids_limit_max = 0;  // 0 = none
  /// Namespaces of the host that tasks may ask for: "host" or nothing.
  std::vector<std::string> pid_modes, ipc_modes, userns_modes, uts_modes;
  base::Duration pull_timeout{300'000'000'000};
  int name_attempts = 5;  // container_exists_attempts
  bool collects_logs = true;

  // Not from the block: what the agent knows.
  std::vector<std::string> path;  // where credential helpers are looked for
  double core_mhz = 1000;         // of one core of this node
  std::string holder_program;     // see network_holder.hpp
};

/// Reads the block. `ignored` gets the keys that are known and have no effect yet.
/// Errors: invalid, with the key's path.
base::Result<Options> read_options(const json::Value& block, std::vector<std::string>& ignored);

}  // namespace caravan::driver::docker
