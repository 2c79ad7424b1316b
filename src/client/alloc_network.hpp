// SPDX-License-Identifier: Apache-2.0
// The networks of a node's allocations: a namespace each, pinned under a name that `ip netns`
// knows, and joined to a network by CNI plugins. Written down before it is made, found again by an
// agent that comes back, taken down by whoever finds that its allocation is over. Client lane.
//
// Who makes namespaces, and why, is told in docs/adr/0009-networks.md.
#pragma once

#include "client/bridge_conflist.hpp"
#include "client/cni.hpp"
#include "client/network_order.hpp"
#include "driver/driver.hpp"

namespace caravan::client {

/// The program that sets rules of the firewall, or "".
std::string find_iptables(io::Disk& disk);

struct NetworkConfig {
  CniOptions cni;
  BridgeConfig bridge;
  std::string records_dir;                   // <state_dir>/networks
  std::string namespace_dir = "/run/netns";  // where `ip netns` looks
  /// Ports of the default host network are published on every address, not on its own only.
  bool any_address = true;
};

/// What tasks need to know of their group's network.
struct AllocNetwork {
  std::string namespace_path;  // "" = the host's
  std::string hostname;        // "" = the host's
  std::optional<model::NetworkStatus> status;
  std::vector<driver::TaskSpec::Mount> name_files;  // resolv.conf and hosts, when not the host's
};

class AllocNetworks {
 public:
  AllocNetworks(io::World& world, NetworkConfig config, io::Logger log);

  /// Makes the network, or finds the one that was made: for an allocation whose tasks run nothing
  /// changes. Errors: invalid (no such network here), io, timeout: the last of a few attempts.
  io::Task<base::Result<AllocNetwork>> make(const NetworkOrder& order, const model::Node& node);
  /// Looks at the rules of a network now and again, the first time at once when it is an `old` one,
  /// and mends what others have flushed. Goes on until it is cancelled.
  io::Task<void> keep(base::AllocId alloc, bool old);
  /// Takes down what there is of an allocation's network. What cannot be is logged and tried
  /// again when the agent starts next, a few times.
  io::Task<void> remove(base::AllocId alloc);
  /// Takes down the networks of allocations that are not among `known`.
  io::Task<void> remove_orphans(std::set<base::AllocId> known);
  Cni& cni() { return cni_; }
  const NetworkConfig& config() const { return config_; }

 private:
  io::Task<base::Status> attach(NetworkRecord& record);
  io::Task<base::Status> detach(const NetworkRecord& record);
  io::Task<base::Status> admit_bridge();
  io::Task<base::Result<NetworkRecord>> record_of(const NetworkOrder& order);
  base::Result<json::Value> conflist_of(const std::string& mode) const;
  base::Result<AllocNetwork> describe(const NetworkRecord& record, const NetworkOrder& order,
                                      const model::Node& node);
  std::string namespace_path(const base::AllocId& alloc) const;
  bool stands(const NetworkRecord& record);
  io::Task<base::Status> run(std::vector<std::string> argv);

  io::World& world_;
  NetworkConfig config_;
  io::Logger log_;
  NetworkRecords records_;
  Cni cni_;
};

}  // namespace caravan::client
