// SPDX-License-Identifier: Apache-2.0
// The servers that this one knows, and which of them can be heard. Servers are few, so each asks
// each other one, once a second, whom it knows.
#pragma once

#include <map>
#include <vector>

#include "consensus/engine.hpp"
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
  base::Duration heard{0};  // uptime of its last sign of life
  io::Address rpc;
};

struct JoinConfig {
  std::vector<io::Address> addresses;  // see join_all
  base::Duration interval{1'000'000'000};
};

/// Everything on the main lane.
class Members {
 public:
  Members(io::World& world, rpc::Connections& connections, wire::ServerInfo self, JoinConfig join,
          io::Logger log);

  void start();
  io::Task<void> stop();

  /// This one included, by number.
  std::vector<Member> list() const;
  const Member* find(consensus::ServerId id) const;
  const wire::ServerInfo& self() const { return self_.info; }
  void set_cluster(const base::Uuid& cluster) { self_.info.cluster = cluster; }
  /// Asks a server at this address at once. Errors: those of the call.
  io::Task<base::Status> join(io::Address address);
  /// Marks one that is known and not heard as gone for good. Errors: not_found, invalid (alive).
  base::Status force_leave(const std::string& name);
  /// Tells the others that this one goes.
  io::Task<void> leave();

  /// Answers "Server.Members".
  base::Result<std::string> answer(const std::string& request);
  /// Somebody came, went or was heard of for the first time.
  io::Event& changed() { return changed_; }

 private:
  io::Task<void> keep_in_touch();
  io::Task<void> ask(consensus::ServerId id);
  io::Task<void> ask_again(consensus::ServerId id);
  io::Task<void> join_all();
  bool is_alone() const;
  std::string message() const;
  base::Status take(const std::string& message);
  void hear(wire::ServerInfo info, bool directly);
  void notice_silence();

  io::World& world_;
  rpc::Connections& connections_;
  Member self_;
  JoinConfig join_;
  io::Logger log_;
  std::map<consensus::ServerId, Member> others_;
  std::map<consensus::ServerId, bool> asking_;
  io::Event changed_;
  io::TaskGroup tasks_;
};

}  // namespace caravan::cluster
