// SPDX-License-Identifier: Apache-2.0
// What the agent says of itself.
#include <fmt/core.h>

#include "agent/agent.hpp"
#include "config/show.hpp"

namespace caravan::agent {
namespace {

std::shared_ptr<const api::nomad::ServersFace> servers_face(const cluster::View& view) {
  auto face = std::make_shared<api::nomad::ServersFace>();
  face->members = view.members;
  face->self = view.self;
  face->leader = view.leader;
  face->voters = view.conf.voters;
  face->learners = view.conf.learners;
  face->regions = view.regions();
  return face;
}

json::Object gossip_stats(const cluster::View& view) {
  const auto count = [&](cluster::MemberStatus status) {
    return fmt::format("{}", std::ranges::count(view.members, status, &cluster::Member::status));
  };
  return {{"encrypted", view.encrypted ? "true" : "false"},
          {"failed", count(cluster::MemberStatus::failed)},
          {"health_score", fmt::format("{}", view.health)},
          {"left", count(cluster::MemberStatus::left)},
          {"members", fmt::format("{}", view.members.size())}};
}

}  // namespace

api::nomad::AgentFace Agent::face() const {
  const config::AgentConfig& c = options_.config;
  api::nomad::AgentFace face;
  face.name = name_;
  face.region = c.region;
  face.datacenter = c.datacenter;
  face.version = nomad_version;
  face.http_address = endpoints_.http_advertise.to_string();
  face.rpc_address = endpoints_.rpc_advertise.to_string();
  face.serf_address = endpoints_.serf_advertise.to_string();
  face.has_server = server_ != nullptr;
  face.has_client = client_ != nullptr;
  face.server_ok = [this] {
    const auto at = server_->whereabouts();
    return at->leads || at->leader.has_value();
  };
  face.client_ok = [this] { return client_->in_contact(); };
  json::Object shown = config::show(c);
  shown["NodeName"] = name_;
  shown["DataDir"] = data_dir_;
  shown["DevMode"] = options_.dev;
  shown["Secure"] = c.acl.enabled && c.tls.http && c.tls.rpc;
  shown["AdvertiseAddrs"] = json::Object{
      {"HTTP", face.http_address}, {"RPC", face.rpc_address}, {"Serf", face.serf_address}};
  shown["Version"] = json::Object{{"Version", nomad_version},
                                  {"Revision", version},
                                  {"VersionPrerelease", ""},
                                  {"VersionMetadata", "caravan"}};
  face.config = std::move(shown);
  face.stats = [this] {
    json::Object stats;
    stats["caravan"] = json::Object{{"server", server_ ? "true" : "false"},
                                    {"client", client_ ? "true" : "false"},
                                    {"version", version}};
    if (server_) {
      const consensus::Replica& raft = server_->server().replica();
      const std::shared_ptr<const cluster::View> view = server_->cluster().view();
      stats["nomad"] = json::Object{{"leader", raft.is_leader() ? "true" : "false"},
                                    {"server", "true"},
                                    {"bootstrap", "true"},
                                    {"known_regions", fmt::format("{}", view->regions().size())}};
      stats["raft"] = json::Object{
          {"state", raft.is_leader() ? "Leader" : "Follower"},
          {"log_version", fmt::format("{}", server_->server().store().snapshot()->log_version)},
          {"term", fmt::format("{}", raft.term())},
          {"applied_index", fmt::format("{}", raft.applied())},
          {"commit_index", fmt::format("{}", raft.commit_index())},
          {"last_snapshot_index", fmt::format("{}", raft.snapshot_index())}};
      stats["serf"] = gossip_stats(*view);
    }
    if (client_)
      stats["client"] =
          json::Object{{"node_id", client_->node().id.to_string()},
                       {"num_allocations", fmt::format("{}", client_->allocs().size())}};
    return json::Value(stats);
  };
  if (server_) {
    face.server_id = fmt::format("{}", server_->cluster().identity().id);
    face.gauges = [this] {
      server::Server& server = server_->server();
      return api::nomad::server_gauges({server.store(), server.watches(), world_.clock});
    };
    face.servers = [this] { return servers_face(*server_->cluster().view()); };
  } else {
    face.gauges = [] { return api::nomad::Gauges(); };
  }
  face.client_servers = [this] {
    std::vector<std::string> all;
    if (uplink_)
      for (const io::Address& address : uplink_->servers())
        all.push_back(address.to_string());
    if (!server_ || uplink_) return all;
    const std::shared_ptr<const cluster::View> view = server_->cluster().view();
    for (const cluster::Member& member : view->members)
      if (view->is_ours(member)) all.push_back(member.info.rpc_address);
    return all;
  };
  return face;
}

}  // namespace caravan::agent
