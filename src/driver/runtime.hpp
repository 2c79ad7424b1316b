// SPDX-License-Identifier: Apache-2.0
// The OCI runtime of this node, crun or else runc: how to call it on the cgroups that the node has.
#pragma once

#include "io/world.hpp"

namespace caravan::driver {

enum class Cgroups { none, v1, hybrid, v2 };
Cgroups cgroups_of(io::Disk& disk);

class Runtime {
 public:
  /// `path`: folders in which the runtime is looked for, as in $PATH.
  Runtime(io::World& world, const std::vector<std::string>& path);

  bool exists() const { return !program_.empty(); }
  const std::string& program() const { return program_; }
  Cgroups cgroups() const { return cgroups_; }
  /// Where containers of ours are in each hierarchy.
  std::string cgroup(const std::string& id) const;
  /// A call's whole command line. On hybrid hosts crun refuses to work until the unified hierarchy
  /// is out of its sight, so it gets a mount namespace of its own.
  std::vector<std::string> command(std::vector<std::string> arguments) const;
  /// Runs a call to its end. Errors: io (with what it printed), timeout.
  io::Task<base::Result<std::string>> call(std::vector<std::string> arguments,
                                           base::Duration timeout) const;
  /// What a container uses now.
  base::Result<TaskUsage> usage(const std::string& id) const;
  /// Whether a container may be kept from swapping.
  bool can_limit_swap() const;

 private:
  io::World& world_;
  std::string program_;
  std::vector<std::string>
      hide_;  // the command that hides the unified hierarchy; empty when not needed
  Cgroups cgroups_;
};

}  // namespace caravan::driver
