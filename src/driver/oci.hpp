// SPDX-License-Identifier: Apache-2.0
// The bundle of one container, as the OCI runtime specification describes it: who runs what, in
// which root, with which limits. Pure; exec.cpp knows where things lie on this node.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::driver {

/// What a container may keep of root's powers when a task asks for nothing (facts 7.16).
const std::vector<std::string>& default_capabilities();

/// Names in one form: "CAP_NET_RAW" and "net_raw" are NET_RAW. "all" is every capability in
/// `allowed`. Errors: invalid (an added one is not in `allowed`).
base::Result<std::vector<std::string>> capabilities(const std::vector<std::string>& add,
                                                    const std::vector<std::string>& drop,
                                                    const std::vector<std::string>& allowed);

struct Bundle {
  struct Mount {
    std::string source, target;
    bool read_only = false;
    const char* propagation = "rprivate";  // or "rslave", "rshared"
  };
  struct Device {
    std::string path, type;  // "c" or "b"
    std::int64_t major = 0, minor = 0;
    std::string permissions;
  };
  std::string root;                    // on the host
  std::vector<std::string> argv, env;  // env: KEY=VALUE
  std::string cwd = "/";
  long uid = 0, gid = 0;
  std::vector<std::string> capabilities;  // without "CAP_"
  std::vector<Mount> mounts;              // bind mounts, in order
  std::vector<Device> devices;            // beside those that every container has
  bool private_pid = true, private_ipc = true;
  std::string network_namespace;  // path, or "" for the host's
  std::string hostname;           // "" = the host's
  std::string cgroup;             // below each hierarchy, "/nomad/…"; "" = the runtime's choice
  std::int64_t cpu_shares = 0;    // of 1024 per core; 0 = the kernel's
  std::int64_t memory_bytes = 0;  // hard limit; 0 = none
  std::int64_t memory_reservation_bytes = 0;
  bool limits_swap = false;
};

/// The bundle's config.json.
json::Value to_config(const Bundle& bundle);
/// One more process in it, as the same user with the same powers.
json::Value to_process(const Bundle& bundle, const std::vector<std::string>& argv, bool tty);

}  // namespace caravan::driver
