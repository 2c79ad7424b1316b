// SPDX-License-Identifier: Apache-2.0
// What an operator may ask of the servers as a whole: who is in the log, whether they are well, and
// changes by hand. From any lane; the work is done on the main one.
#pragma once

#include "cluster/cluster.hpp"
#include "cluster/gossip_keys.hpp"

namespace caravan::cluster {

/// How one server does, as the leader sees it.
struct ServerHealth {
  Member member;
  bool leads = false, votes = false, healthy = false;
  std::uint64_t last_index = 0, last_term = 0;
  base::Duration last_contact{0};  // since it was heard of
  base::Duration stable_for{0};    // how long it has been well
};

struct Health {
  std::vector<ServerHealth> servers;
  bool healthy = false;
  int failure_tolerance = 0;  // so many voters may fail before writes stop
};

class Operations {
 public:
  /// References outlive it.
  Operations(io::World& world, Cluster& cluster, consensus::Replica& replica)
      : world_(world), cluster_(cluster), replica_(replica) {}

  io::Task<Health> health();
  /// Takes a server out of the log. Errors: not_found, unavailable ("No cluster leader").
  io::Task<base::Status> remove_peer(std::string id);
  /// Lets another server lead: the one named by number or address, or the best one when both are
  /// empty. Errors: not_found, invalid (it does not vote), unavailable. Returns its number.
  io::Task<base::Result<consensus::ServerId>> transfer(std::string id, std::string address);
  /// Tries to get to know the servers at these addresses. Returns those that could not be reached,
  /// with the reason.
  io::Task<std::vector<std::string>> join(std::vector<io::Address> addresses);
  /// As Members::force_leave.
  io::Task<base::Status> force_leave(std::string name);
  /// As change_gossip_keys.
  io::Task<base::Result<KeyReport>> change_gossip_keys(gossip::KeyChange change);

 private:
  io::Task<Health> health_here();
  io::Task<base::Status> remove_here(std::string id);
  io::Task<base::Result<consensus::ServerId>> transfer_here(std::string id, std::string address);
  io::Task<std::vector<std::string>> join_here(std::vector<io::Address> addresses);
  io::Task<base::Status> force_leave_here(std::string name);
  boost::asio::any_io_executor main() const { return world_.executor.lane(io::Lane::main); }

  io::World& world_;
  Cluster& cluster_;
  consensus::Replica& replica_;
};

}  // namespace caravan::cluster
