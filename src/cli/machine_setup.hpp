// SPDX-License-Identifier: Apache-2.0
// What operator init and join write on a machine, and how its agent is started then.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/flags.hpp"

namespace caravan::cli {

/// Where things go on this machine, as the flags say.
struct MachineSetup {
  std::string config_dir, data_dir, name, address;
  bool starts = true;

  std::string config_file() const { return config_dir + "/caravan.hcl"; }
  std::string ca_file() const { return config_dir + "/ca.pem"; }
  std::string certificate_file() const { return config_dir + "/agent.pem"; }
  std::string key_file() const { return config_dir + "/agent-key.pem"; }
};

/// The flags of both verbs.
std::vector<FlagSpec> machine_flags();
/// Errors: conflict (the machine has a configuration already), not_found (no address of its own),
/// invalid (a flag).
base::Result<MachineSetup> machine_setup(const Flags& flags);

/// What an agent here is to be.
struct AgentRole {
  std::string region, datacenter;
  bool is_server = false, founds = false;
  std::string encrypt;               // of a server; "" where there is none
  std::vector<std::string> servers;  // hosts of those that are there already
};
/// The configuration file, in words an operator can go on from.
std::string configuration(const MachineSetup& setup, const AgentRole& role);

/// Writes the files of an agent, each whole and with the mode that it needs. Errors: io, conflict.
base::Status write_machine(const MachineSetup& setup, const std::string& authority,
                           const std::string& certificate, const std::string& key,
                           const std::string& configuration);

/// Under systemd: a unit of its own, enabled and started. Else the agent takes the place of this
/// process, and this returns only when that fails. Errors: io.
base::Status start_agent(const MachineSetup& setup);

/// The machine's first address that others can reach, IPv4 before IPv6. Errors: not_found.
base::Result<std::string> own_address();

}  // namespace caravan::cli
