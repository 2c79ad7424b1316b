// SPDX-License-Identifier: Apache-2.0
// The way of the log's messages to the other servers: for each of them a connection for Raft and
// one for snapshots, dialed when there is something to say. The first frame says who speaks and for
// which cluster; what does not fit, or finds no connection, is dropped, as Raft expects.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "cluster/members.hpp"
#include "consensus/replica.hpp"
#include "rpc/transport.hpp"

namespace caravan::cluster {

/// Everything on the main lane, but for receive().
class Peers : public consensus::Peers {
 public:
  /// References outlive it.
  Peers(io::World& world, rpc::Transport& transport, Members& members, io::Logger log);
  ~Peers() override;

  void send(consensus::ServerId to, consensus::Traffic traffic, std::string bytes) override;
  /// Where what arrives goes, and who is told when a server cannot be reached.
  void attach(consensus::Replica& replica);
  /// Serves a connection that another server dialed, on any lane.
  io::Task<void> receive(rpc::Link link);
  io::Task<void> stop();

 private:
  struct Line;
  struct Inbox;
  struct Inside;
  std::shared_ptr<Inside> inside_;
};

}  // namespace caravan::cluster
