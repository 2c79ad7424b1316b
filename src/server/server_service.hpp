// SPDX-License-Identifier: Apache-2.0
// What a server answers to other agents: to servers, how the cluster stands; to nodes, what only
// the leader knows, asked of the leader when that is another one.
#pragma once

#include "cluster/cluster.hpp"
#include "server/newcomers.hpp"
#include "server/server.hpp"
#include "wire/datacenter_rpc.hpp"

namespace caravan::server {

class ServerService : public rpc::Service {
 public:
  /// References outlive it.
  ServerService(Server& server, cluster::Cluster& cluster, const Newcomers& newcomers)
      : server_(server), cluster_(cluster), newcomers_(newcomers) {}

  /// Answers "Catalog.Name" of agents that have no state, and of servers of other datacenters: a
  /// question as it travels by UDP or TCP, and in whose name it is asked.
  struct NameAsked {
    std::string packet;
    bool by_udp = false;
    std::string secret;
    bool is_foreign = false;  // nobody else is asked about it, but for what a query falls back to
  };
  using Names = std::function<io::Task<std::string>(NameAsked asked)>;
  void answer_names(Names names) { names_ = std::move(names); }
  /// Answers "Catalog.Find" of servers of other regions. Errors: denied (no such token).
  using Search = std::function<base::Result<wire::CatalogFound>(const wire::CatalogFind& asked)>;
  void answer_searches(Search search) { search_ = std::move(search); }
  /// Answers "Coordinate.Probe" with where this agent stands. Main lane.
  using Place = std::function<model::Coordinate()>;
  void answer_probes(Place place) { place_ = std::move(place); }

  io::Task<base::Result<std::string>> call(const rpc::Caller& caller, std::string method,
                                           std::string request) override;
  io::Task<base::Status> stream(const rpc::Caller& caller, std::string method, std::string head,
                                io::Stream& stream) override;

 private:
  io::Task<base::Result<std::string>> name(std::string request, bool is_foreign);
  base::Result<std::string> found(const std::string& request) const;
  /// Of a leader elsewhere.
  io::Task<base::Result<std::string>> globals(const rpc::Caller& caller, std::string request);
  base::Result<std::string> secrets(const std::string& request) const;
  io::Task<base::Result<std::string>> call_node(const rpc::Caller& caller, std::string method,
                                                std::string request);

  Server& server_;
  cluster::Cluster& cluster_;
  const Newcomers& newcomers_;
  Names names_;
  Search search_;
  Place place_;
};

/// Brings the secrets that all servers share to one that joins: asks those it knows until one
/// answers, and writes them to the disk. Returns at once when they are there already.
io::Task<base::Status> fetch_secrets(io::World& world, cluster::Cluster& cluster,
                                     std::string data_dir, std::vector<KeyGuard> guards,
                                     io::Logger log);

}  // namespace caravan::server
