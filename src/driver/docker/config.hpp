// SPDX-License-Identifier: Apache-2.0
// A docker task's `config` block, typed. Keys and meanings as users of the field know them
// (facts 7.16); every other key is refused by name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "driver/docker/options.hpp"
#include "json/value.hpp"

namespace caravan::driver::docker {

struct Credentials {
  std::string username, password, server_address;
  bool is_empty() const { return username.empty() && password.empty(); }
};

struct Device {
  std::string host_path, container_path, permissions = "rwm";
};

/// One of `mount` or `mounts`.
struct Mount {
  std::string type = "volume", target, source;  // type: volume, bind or tmpfs
  bool read_only = false;
  std::string propagation;                       // bind
  std::int64_t tmpfs_bytes = 0, tmpfs_mode = 0;  // 0 = the engine's
  bool no_copy = false;                          // volume
  std::string volume_driver;                     // volume
  std::map<std::string, std::string> volume_labels, volume_options;
};

struct Ulimit {
  std::string name;
  std::int64_t soft = 0, hard = 0;
};

struct Config {
  std::string image, command, hostname, load, mac_address, network_mode, ipv4_address, ipv6_address;
  std::string cgroupns, ipc_mode, pid_mode, uts_mode, userns_mode, runtime, volume_driver, work_dir;
  std::string cpuset_cpus, log_driver;
  std::vector<std::string> args, cap_add, cap_drop, dns_options, dns_search_domains, dns_servers;
  std::optional<std::vector<std::string>> entrypoint;
  std::vector<std::string> extra_hosts, group_add, network_aliases, ports, security_opt, volumes;
  std::map<std::string, std::string> labels, log_options, storage_opt, sysctl;
  std::map<std::string, int> port_map;  // legacy: label → port in the container
  std::vector<Device> devices;
  std::vector<Mount> mounts;
  std::vector<Ulimit> ulimits;
  Credentials auth;
  bool auth_soft_fail = false, force_pull = false, init = false, interactive = false, tty = false;
  bool privileged = false, readonly_rootfs = false, no_healthcheck = false, cpu_hard_limit = false;
  std::int64_t shm_bytes = 0, pids_limit = 0, memory_hard_mb = 0, oom_score_adj = 0;
  std::int64_t cpu_period_us = 100'000;
  base::Duration pull_timeout{0};  // 0 = the operator's
};

/// Errors: invalid (unknown keys, wrong types), unsupported (known and not built yet).
base::Result<Config> read_config(const json::Object& block);
/// Whether the operator allows what the task asks for. Errors: invalid.
base::Status check_allowed(const Config& config, const Options& options);

}  // namespace caravan::driver::docker
