// SPDX-License-Identifier: Apache-2.0
// Who votes: the leader lets servers in that belong to the cluster, first as learners, and to vote
// once they have caught up and stayed well for a while; and takes out those that have left, or are
// dead while the others are a quorum without them.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "cluster/members.hpp"
#include "consensus/replica.hpp"
#include "model/autopilot.hpp"
#include "wire/log_version.hpp"

namespace caravan::cluster {

struct AutopilotConfig {
  model::AutopilotConfig rules;
  base::Duration dead_after{30'000'000'000};  // silent for so long before it is taken out
  /// The version of the log that takes part in it must know; main lane. Nobody: any will do.
  std::function<wire::LogVersion()> log_version;
  /// The rules that operators have set meanwhile; main lane. Nobody: always those above.
  std::function<model::AutopilotConfig()> rules_now;

  model::AutopilotConfig now() const { return rules_now ? rules_now() : rules; }
};

/// What the leader knows of a server's progress.
struct Progress {
  std::uint64_t applied = 0;
  base::Duration well_since{-1};  // by uptime; -1: it is not well
  bool is_proven = false;         // it has answered as a server of this cluster
};

/// One change at a time, the most urgent one; nothing while one is under way. Pure.
std::vector<consensus::Engine::Change> next_change(
    const consensus::ConfState& conf, consensus::ServerId self, const std::vector<Member>& members,
    const std::map<consensus::ServerId, Progress>& progress, const model::AutopilotConfig& rules,
    base::Duration dead_after, base::Duration now);

/// The newest version of the log that all in it know, as far as they were ever heard of; nothing
/// when one was not.
std::optional<wire::LogVersion> known_by_all(const consensus::ConfState& conf,
                                             const std::vector<Member>& members);

/// Those in the log whom nobody knows, because all who knew them have started anew since: silent
/// since then.
std::vector<Member> forgotten(const consensus::ConfState& conf, const std::vector<Member>& members,
                              base::Duration since);

/// Main lane. Runs on every server and does something on the leader.
class Autopilot {
 public:
  /// References outlive it.
  Autopilot(io::World& world, Members& members, rpc::Connections& connections,
            consensus::Replica& replica, AutopilotConfig config, io::Logger log);
  void start();
  io::Task<void> stop();
  const std::map<consensus::ServerId, Progress>& progress() const { return progress_; }
  /// A change that this server proposed as the leader it still is has not come to anything yet.
  bool is_changing() const;

 private:
  io::Task<void> run();
  io::Task<void> look_at(const Member& member);
  bool is_unproven(const Member& member) const;
  bool is_too_old(const Member& member);

  io::World& world_;
  Members& members_;
  rpc::Connections& connections_;
  consensus::Replica& replica_;
  AutopilotConfig config_;
  io::Logger log_;
  std::map<consensus::ServerId, Progress> progress_;
  std::set<consensus::ServerId> told_too_old_;
  consensus::ConfState before_change_;
  consensus::Term change_term_ = 0;  // 0: none was proposed
  base::Duration leading_since_{-1};  // by uptime; -1: it does not lead
  io::TaskGroup tasks_;
};

}  // namespace caravan::cluster
