// SPDX-License-Identifier: Apache-2.0
#include "agent/leader_log.hpp"

#include <fmt/core.h>

namespace caravan::agent {
namespace {

constexpr base::Duration leader_look_interval{50'000'000};

std::string address_in(const cluster::View& view, consensus::ServerId id) {
  for (const cluster::Member& member : view.members)
    if (member.info.id == id) return member.rpc.to_string();
  return "unknown";
}

/// Of the active root key; nil while there is none.
base::Uuid active_key(server::Server& server) {
  base::Uuid id;
  server.store().snapshot()->root_keys.each(
      [&](const base::Uuid& each, const state::Ref<wire::RootKey>& key) {
        if (key->active) id = each;
      });
  return id;
}

void tell_begin(const cluster::View& view, const io::Logger& log) {
  const io::Logger raft = log.named("raft");
  raft.info("entering leader state",
            {{"leader", fmt::format("Node at {} [Leader]", address_in(view, view.self))}});
  std::vector<consensus::ServerId> peers = view.conf.voters;
  std::erase(peers, view.self);
  for (const consensus::ServerId peer : peers)
    raft.info("added peer, starting replication", {{"peer", fmt::format("{}", peer)}});
  log.info("cluster leadership acquired");
  for (const consensus::ServerId peer : peers)
    raft.info("pipelining replication",
              {{"peer", fmt::format("{{Voter {} {}}}", peer, address_in(view, peer))}});
}

}  // namespace

io::Task<void> tell_leadership(io::World& world, server::Server& server,
                               cluster::Cluster& cluster) {
  const io::Logger log(world.log, world.clock, "nomad");
  bool was_leading = false, awaits_key = false;
  while (true) {
    const bool leads = server.is_leading();
    if (leads && !was_leading) {
      tell_begin(*cluster.view(), log);
      awaits_key = active_key(server).is_nil();  // else the cluster is older than this leader
      if (awaits_key)
        log.named("core").info("established cluster id",
                               {{"cluster_id", cluster.identity().cluster.to_string()},
                                {"create_time", fmt::format("{}", world.clock.now().unix_ns)}});
      log.info("eval broker status modified", {{"paused", "false"}});
      log.info("blocked evals status modified", {{"paused", "false"}});
    }
    if (!leads && was_leading) log.info("cluster leadership lost");
    was_leading = leads;
    if (const base::Uuid key = active_key(server); leads && awaits_key && !key.is_nil()) {
      log.named("keyring").info("initialized keyring", {{"id", key.to_string()}});
      awaits_key = false;
    }
    // Between the election and the work that begins with it, and until the first key is there.
    const bool settles = server.replica().is_leader() != leads || (leads && awaits_key);
    if (settles)
      co_await world.clock.sleep(leader_look_interval);
    else
      co_await server.replica().leadership_change();
  }
}

}  // namespace caravan::agent
