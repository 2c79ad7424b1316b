// SPDX-License-Identifier: Apache-2.0
// A server's part among the servers, built in order: whom it knows, how it asks them, how the log's
// messages travel, and who votes.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "cluster/autopilot.hpp"
#include "cluster/founding.hpp"
#include "cluster/peers.hpp"

namespace caravan::cluster {

struct ClusterConfig {
  std::string data_dir;
  wire::ServerInfo self;  // its number and cluster come from the identity
  JoinConfig join;
  GossipSettings gossip;
  AutopilotConfig autopilot;
};

/// What others on any lane may know of the cluster: a value that is replaced.
struct View {
  std::vector<Member> members;  // of all regions
  std::string region;           // this server's
  consensus::ConfState conf;
  consensus::ServerId self = 0, leader = 0;
  bool leads = false;
  base::Duration last_contact{0};
  bool encrypted = false;  // gossip is
  int health = 0;          // see Members::health

  bool is_ours(const Member& member) const { return member.info.region == region; }
  /// Those that can be heard, without this one.
  std::vector<io::Address> living_in(std::string_view region) const;
  /// Those that have a server that has not left, and this one; sorted.
  std::vector<std::string> regions() const;
};

/// What is said where no server of a region can be heard; clients know it.
inline constexpr const char* no_path_to_region = "No path to region";

/// Where a server keeps its gossip keys.
inline std::string key_ring_path(const std::string& data_dir) { return data_dir + "/serf.keyring"; }

/// Everything on the main lane, but for view(). References outlive it.
class Cluster {
 public:
  Cluster(io::World& world, rpc::Transport& transport, ClusterConfig config, Identity identity,
          gossip::KeyRing keys, io::Logger log);

  consensus::Peers& peers() { return peers_; }
  /// From here on messages reach the log, and the leader looks after who votes.
  void attach(consensus::Replica& replica);
  void start();
  /// Lets others find this server, where the configuration says so. Errors: an address in use.
  io::Task<base::Status> open(io::Datagrams& datagrams);
  io::Task<void> stop();

  Members& members() { return members_; }
  gossip::Keys& gossip_keys() { return keys_; }
  Founding& founding() { return founding_; }
  const Identity& identity() const { return identity_; }
  Autopilot* autopilot() { return autopilot_.get(); }
  rpc::Connections& connections() { return connections_; }
  /// A connection of another server's log.
  io::Task<void> receive(rpc::Link link) { return peers_.receive(std::move(link)); }

  /// Answers "Gossip.…", "Server.Found" and "Server.Status"; a server of another region
  /// (`is_foreign`) asks the first only.
  io::Task<base::Result<std::string>> call(std::string method, std::string request,
                                           bool is_foreign = false);
  /// Asks the leader, when it is another one. Errors: unavailable ("No cluster leader").
  io::Task<base::Result<std::string>> ask_leader(std::string method, std::string request,
                                                 base::Duration timeout);
  /// Asks the servers of another region, one after the other, until one answers. Errors:
  /// unavailable ("No path to region"; what the last one said).
  io::Task<base::Result<std::string>> ask_region(std::string region, std::string method,
                                                 std::string request, base::Duration timeout);
  /// As it was at most a tenth of a second ago; never null.
  std::shared_ptr<const View> view() const;
  /// Where the leader is, when it is known and another one.
  std::optional<io::Address> leader_address() const;

 private:
  void publish();
  io::Task<void> publish_on_leadership();
  io::Task<void> publish_on_members();
  io::Task<void> publish_often();

  io::World& world_;
  Identity identity_;
  const ClusterConfig config_;
  io::Logger log_;
  rpc::Connections connections_;
  gossip::Keys keys_;
  Members members_;
  Peers peers_;
  Founding founding_;
  consensus::Replica* replica_ = nullptr;
  std::unique_ptr<Autopilot> autopilot_;
  io::TaskGroup tasks_;
  mutable std::mutex view_mutex_;
  std::shared_ptr<const View> view_;
};

}  // namespace caravan::cluster
