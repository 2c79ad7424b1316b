// SPDX-License-Identifier: Apache-2.0
// The servers that this one knows, and which of them live: gossip's members, whose cards say what a
// server presents itself as. What a server says of itself counts, by whomever it was passed on.
// Servers of all regions are members of one gossip; whoever decides something about a cluster looks
// at those of its own region only.
#pragma once

#include <map>
#include <vector>

#include "consensus/engine.hpp"
#include "gossip/gossip.hpp"
#include "io/log.hpp"
#include "io/task.hpp"
#include "rpc/connections.hpp"
#include "wire/server_rpc.hpp"

namespace caravan::cluster {

enum class MemberStatus { alive, failed, left };
std::string_view to_string(MemberStatus status);

struct Member {
  wire::ServerInfo info;
  MemberStatus status = MemberStatus::alive;
  base::Duration heard{
      0};  // uptime of its last sign of life; of its end, when it has failed or left
  io::Address rpc, gossip;

  /// How its agent is dialed: it has to prove that it is of the region that it says.
  rpc::Whom whom() const { return {rpc, info.region}; }
  std::string full_name() const { return info.name + "." + info.region; }
};

struct JoinConfig {
  std::vector<io::Address> addresses;  // see join_all
  base::Duration interval{1'000'000'000};
};

struct GossipSettings {
  io::Address advertise;              // where others send packets
  std::optional<io::Address> listen;  // nobody can come when it is empty
  std::string encrypt;                // the first key, in base64
};

/// Whether what a server says of itself fits into a packet. Errors: invalid.
base::Status fits_packet(wire::ServerInfo self);

/// Everything on the main lane.
class Members {
 public:
  Members(io::World& world, rpc::Connections& connections, wire::ServerInfo self, JoinConfig join,
          const GossipSettings& settings, gossip::Keys& keys, io::Logger log);

  void start();
  /// From here on others hear it, and it notices who falls silent. Errors: an address in use.
  io::Task<base::Status> open(io::Datagrams& datagrams, io::Address address);
  io::Task<void> stop();

  /// This one included, by number; of all regions.
  std::vector<Member> list() const;
  /// The same, of this one's region.
  std::vector<Member> list_ours() const;
  /// Null when it is not known. Valid until the next change.
  const Member* find(consensus::ServerId id) const;
  const wire::ServerInfo& self() const { return self_.info; }
  void set_cluster(const base::Uuid& cluster);
  /// Tells a server at this address, of whatever region, everything, and hears the same from it.
  /// Errors: those of the call; denied (its gossip key is another one).
  io::Task<base::Status> join(io::Address address);
  /// Marks one that is known and not heard as gone for good: by its name, with ".<region>" or, in
  /// this region, without. Errors: not_found, invalid (alive).
  base::Status force_leave(const std::string& name);
  /// Tells the others that this one goes.
  io::Task<void> leave();

  /// Answers "Gossip.…". `is_foreign`: a server asks whose certificate is of another region, so it
  /// must not say that it is of this one. Errors: those of Gossip::answer; denied.
  base::Result<std::string> answer(const std::string& method, const std::string& request,
                                   bool is_foreign);
  /// Somebody came, went or was heard of for the first time.
  io::Event& changed() { return changed_; }
  /// How much trouble this one seems to be in itself: 0, none, to 8.
  int health() const { return gossip_.core().health(); }

 private:
  io::Task<base::Result<std::string>> ask(gossip::CardPtr to, std::string method,
                                          std::string request);
  io::Task<void> join_all();
  bool is_alone() const;
  void on_change(consensus::ServerId id);

  io::World& world_;
  rpc::Connections& connections_;
  Member self_;
  JoinConfig join_;
  io::Logger log_;
  std::map<consensus::ServerId, Member> others_;
  io::Event changed_;
  gossip::Gossip gossip_;
  io::TaskGroup tasks_;
};

}  // namespace caravan::cluster
