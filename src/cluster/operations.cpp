// SPDX-License-Identifier: Apache-2.0
#include "cluster/operations.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace caravan::cluster {
io::Task<Health> Operations::health() { return io::on(main(), health_here()); }
io::Task<base::Status> Operations::remove_peer(std::string id) {
  return io::on(main(), remove_here(std::move(id)));
}
io::Task<base::Result<consensus::ServerId>> Operations::transfer(std::string id,
                                                                 std::string address) {
  return io::on(main(), transfer_here(std::move(id), std::move(address)));
}
io::Task<std::vector<std::string>> Operations::join(std::vector<io::Address> addresses) {
  return io::on(main(), join_here(std::move(addresses)));
}
io::Task<base::Status> Operations::force_leave(std::string name) {
  return io::on(main(), force_leave_here(std::move(name)));
}

io::Task<base::Result<KeyReport>> Operations::change_gossip_keys(gossip::KeyChange change) {
  return io::on(main(), cluster::change_gossip_keys(cluster_, std::move(change)));
}

io::Task<Health> Operations::health_here() {
  Health health;
  const base::Duration now = world_.clock.uptime();
  const consensus::ConfState conf = replica_.members();
  std::size_t voters = 0;
  for (Member& member : cluster_.members().list_ours()) {
    ServerHealth one;
    const consensus::ServerId id = member.info.id;
    const bool is_self = id == cluster_.identity().id;
    one.leads = id == replica_.leader();
    one.votes = conf.has_voter(id);
    one.last_term = replica_.term();
    one.last_index = is_self ? replica_.commit_index() : 0;
    if (is_self) {
      one.healthy = !replica_.has_slow_disk();
    } else if (cluster_.autopilot() && cluster_.autopilot()->progress().contains(id)) {
      const Progress& progress = cluster_.autopilot()->progress().at(id);
      one.last_index = progress.applied;
      one.healthy = member.status == MemberStatus::alive && progress.well_since.count() >= 0;
      if (one.healthy) one.stable_for = now - progress.well_since;
    }
    if (!is_self) one.last_contact = now - member.heard;
    one.member = std::move(member);
    voters += one.votes && one.healthy ? 1 : 0;
    if (one.member.status != MemberStatus::left) health.servers.push_back(std::move(one));
  }
  const std::size_t quorum = conf.voters.size() / 2 + 1;
  health.failure_tolerance = voters >= quorum ? static_cast<int>(voters - quorum) : 0;
  health.healthy = std::ranges::all_of(health.servers, &ServerHealth::healthy);
  co_return health;
}

io::Task<base::Status> Operations::remove_here(std::string id) {
  const consensus::ConfState conf = replica_.members();
  for (const auto* list : {&conf.voters, &conf.learners})
    for (const consensus::ServerId peer : *list)
      if (fmt::format("{}", peer) == id)
        co_return replica_.change_members({{consensus::Engine::ChangeKind::remove, peer}});
  co_return base::fail(base::Code::not_found,
                       fmt::format("id \"{}\" was not found in the Raft configuration", id));
}

io::Task<base::Result<consensus::ServerId>> Operations::transfer_here(std::string id,
                                                                      std::string address) {
  const consensus::ConfState conf = replica_.members();
  consensus::ServerId best = 0;
  std::pair<bool, std::uint64_t> most;
  for (const Member& member : cluster_.members().list_ours()) {
    const consensus::ServerId peer = member.info.id;
    const bool named = fmt::format("{}", peer) == id || member.rpc.to_string() == address;
    if ((!id.empty() || !address.empty()) && !named) continue;
    if (named && !conf.has_voter(peer))
      co_return base::invalid(fmt::format("{} does not vote, so it cannot lead", member.info.name));
    if (peer == cluster_.identity().id && !named) continue;
    if (member.status != MemberStatus::alive || !conf.has_voter(peer)) continue;
    const auto& progress = cluster_.autopilot()->progress();
    const Progress known = progress.contains(peer) ? progress.at(peer) : Progress();
    // One that is well before all others, which would not take it.
    const auto merit = std::pair(known.well_since.count() >= 0, known.applied);
    if (best == 0 || merit > most) best = peer, most = merit;
  }
  if (best == 0)
    co_return base::fail(base::Code::not_found, "no such server votes and can be heard");
  if (best != cluster_.identity().id) CO_TRY_VOID(replica_.transfer_leadership(best));
  co_return best;
}

io::Task<std::vector<std::string>> Operations::join_here(std::vector<io::Address> addresses) {
  std::vector<std::string> failed;
  for (const io::Address& address : addresses)
    if (const base::Status joined = co_await cluster_.members().join(address); !joined)
      failed.push_back(
          fmt::format("Failed to join {}: {}", address.to_string(), joined.error().message));
  co_return failed;
}

io::Task<base::Status> Operations::force_leave_here(std::string name) {
  co_return cluster_.members().force_leave(name);
}

}  // namespace caravan::cluster
