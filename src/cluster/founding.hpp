// SPDX-License-Identifier: Apache-2.0
// How servers that wait for each other (bootstrap_expect) become a cluster, once. The one with the
// lowest number among as many as are expected is the founder: it asks each of the others to belong
// to its cluster, which a server does for one only and never forgets. When all have agreed it
// writes down who votes and begins the log; nobody else begins one, so there cannot be two.
//
// A server that finds a cluster joins it: its leader adds it to the log.
#pragma once

#include <optional>

#include "cluster/identity.hpp"
#include "cluster/members.hpp"

namespace caravan::cluster {

/// What a server without a cluster does next.
struct FoundingStep {
  enum class Kind { wait, found, join } kind = Kind::wait;
  std::vector<consensus::ServerId> voters;  // to found with
  base::Uuid cluster;                       // to join
  io::Address at;                           // who is said to belong to it
};
/// `proposed`: what this server asked others to belong to before, or nil. Pure.
FoundingStep next_step(const wire::ServerInfo& self, const base::Uuid& proposed,
                       const std::vector<Member>& members);

class Founding {
 public:
  /// References outlive it. Everything on the main lane.
  Founding(io::World& world, std::string data_dir, Identity& identity, Members& members,
           rpc::Connections& connections, io::Logger log);

  /// Returns when this server belongs to a cluster, with those who vote at its beginning: nobody
  /// for a server that joins.
  io::Task<base::Result<std::vector<consensus::ServerId>>> settle();
  /// Answers "Server.Found". Errors: conflict (it belongs to another cluster).
  io::Task<base::Result<std::string>> answer(std::string request);

 private:
  io::Task<base::Status> belong_to(base::Uuid cluster, std::vector<consensus::ServerId> voters);
  io::Task<base::Status> propose();
  io::Task<base::Status> write(Identity decided);
  /// Whether whoever is there says so itself: what others say of it may be of before it was lost.
  io::Task<bool> is_there(FoundingStep step);
  io::Task<bool> found(std::vector<consensus::ServerId> voters);

  io::World& world_;
  const std::string data_dir_;
  Identity& identity_;
  Members& members_;
  rpc::Connections& connections_;
  io::Logger log_;
  bool writing_ = false;
  io::Event written_;
  std::string refusal_;  // what was said last by one that could not be joined
};

}  // namespace caravan::cluster
