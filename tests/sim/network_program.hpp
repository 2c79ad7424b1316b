// SPDX-License-Identifier: Apache-2.0
// What a simulated kernel has of networks, and the programs that change it: the supervisor's trade
// of src/supervisor/network.c and the CNI plugins of mode bridge. Plugins are slow, go on when the
// agent dies, fail now and then, and forget their rules only when they are told the addresses, as
// the real ones do.
#pragma once

#include <map>
#include <set>
#include <string>

#include "sim/supervisor_program.hpp"

namespace caravan::sim {

/// Gone when the machine loses power. Allocations are named by their ids.
struct Plumbing {
  std::set<std::string> namespaces;                    // by path
  std::map<std::string, std::set<std::string>> rules;  // allocation → what plugins hold
  std::set<std::string> locked;                        // lock files
  int addresses = 0;                                   // given out so far
  int boots = 0;                                       // of the machine
  int agents = 0;                                      // that ran on it
  int failure_share = 0;                               // of a thousand calls of plugins

  /// Writes what the kernel shows of it into the files that agents read.
  void show(io::Disk& disk) const;
  bool has_network(const std::string& alloc) const;
};

inline constexpr const char* sim_namespaces = "/run/netns";
inline constexpr const char* sim_plugins = "/opt/cni/bin";

/// Puts files in the places where an agent looks for the programs.
void install_plugins(io::Disk& disk);

/// Runs what argv[1] and the rest say. Both outlive the world.
io::Task<int> network_program(Process& process, Plumbing& plumbing, Ledger& ledger);

}  // namespace caravan::sim
