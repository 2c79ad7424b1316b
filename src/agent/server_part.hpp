// SPDX-License-Identifier: Apache-2.0
// The server of an agent, with all that makes it one among others: its part in the cluster, the
// door for other agents, and the way from "no cluster yet" to "takes part".
#pragma once

#include <memory>

#include "api/forward.hpp"
#include "cluster/operations.hpp"
#include "http/server.hpp"
#include "rpc/listener.hpp"
#include "rpc/served.hpp"
#include "server/newcomers.hpp"
#include "server/node_links.hpp"
#include "server/server_service.hpp"
#include "server/silent_agents.hpp"

namespace caravan::agent {

struct ServerPartConfig {
  server::ServerConfig server;  // its number is drawn, or known from before
  cluster::ClusterConfig cluster;
  /// So long agents of the registry stay listed that fell silent.
  base::Duration silent_agents_kept = std::chrono::hours(72);
  std::vector<io::Address> listen;  // for other agents; nobody can come when it is empty
  /// The configuration names no other server: it founds its cluster before start() returns.
  bool is_alone = true;
};

class ServerPart {
 public:
  /// References outlive it. `handler` answers requests of the public API that other agents forward.
  ServerPart(io::World& world, io::Datagrams& datagrams, rpc::Transport& transport,
             ServerPartConfig config, http::Handler handler, io::Logger log);
  ~ServerPart();

  /// Errors: the disk; of an agent that is alone, whatever keeps its server from taking part.
  io::Task<base::Status> start();
  /// Lets other agents in. Errors: an address in use.
  io::Task<base::Status> open_doors();
  /// Lets another server lead, if this one does and one can, so that writes go on at once.
  io::Task<void> hand_over();
  io::Task<void> stop();
  /// Tells the others, before stop(), that this server goes for good.
  io::Task<void> leave() { return cluster_->members().leave(); }
  /// Returns when this server cannot go on.
  io::Task<base::Error> failure();

  server::Server& server() { return *server_; }
  cluster::Cluster& cluster() { return *cluster_; }
  cluster::Operations& operations() { return *operations_; }
  server::NodeLinks& nodes() { return *links_; }
  server::Newcomers& newcomers() { return *newcomers_; }
  server::ServerService& service() { return *service_; }
  /// From any lane.
  std::shared_ptr<const api::Whereabouts> whereabouts() const;
  /// From any lane: returns when a read here sees all that was acknowledged before.
  io::Task<base::Status> barrier();

 private:
  io::Task<base::Status> take_part();
  /// Puts what this server refused to believe out of the way, so that it joins its cluster as a new
  /// server when it is started again. Returns what is to be said about it.
  io::Task<base::Status> set_aside(base::Error why);
  io::Task<void> take_part_later();
  std::map<rpc::Purpose, rpc::Door> doors();
  /// What operators have set, else what the configuration says.
  model::AutopilotConfig autopilot_rules() const;
  /// In base64, "" without a key ring. Any lane.
  std::string gossip_key() const;

  io::World& world_;
  io::Datagrams& datagrams_;
  rpc::Transport& transport_;
  ServerPartConfig config_;
  http::Handler handler_;
  io::Logger log_;
  std::unique_ptr<cluster::Cluster> cluster_;
  std::unique_ptr<server::Server> server_;
  std::unique_ptr<server::Newcomers> newcomers_;
  std::unique_ptr<server::ServerService> service_;
  std::unique_ptr<server::NodeLinks> links_;
  std::unique_ptr<cluster::Operations> operations_;
  std::unique_ptr<server::SilentAgents> silent_agents_;
  std::shared_ptr<rpc::Served> served_;
  std::unique_ptr<rpc::Listener> listener_;
  std::unique_ptr<io::TaskGroup> tasks_;
  std::optional<base::Error> failed_;
  std::unique_ptr<io::Event> failing_;
};

}  // namespace caravan::agent
