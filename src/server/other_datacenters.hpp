// SPDX-License-Identifier: Apache-2.0
// What a server asks those of other datacenters about their registries: names, and what prepared
// queries fall back to. Whoever is asked decides what the token of the question may see. Requests
// of the API go another way (api/forward.hpp).
#pragma once

#include "catalog/failover.hpp"
#include "cluster/cluster.hpp"
#include "io/world.hpp"

namespace caravan::server {

/// A question as wire::name_method takes it; see ServerService.
std::string name_question(const std::string& packet, bool by_udp, const std::string& secret);

/// Main lane, but for known() and called().
class OtherDatacenters {
 public:
  /// References outlive it.
  OtherDatacenters(io::World& world, cluster::Cluster& cluster)
      : world_(world), cluster_(cluster) {}

  /// By name: how far they are nobody measures.
  std::vector<std::string> known() const;
  /// The one of that name, whose capitals do not count; "" when there is none.
  std::string called(std::string_view name) const;
  /// What a question is answered there with that comes as "Catalog.Name" takes it. "": nobody
  /// answered within two seconds.
  io::Task<std::string> name(std::string datacenter, std::string question);
  /// The first datacenter of a query's failover that has instances for it. One that does not answer
  /// is passed over after 1.5 seconds, and after `patience` no other one is waited for.
  io::Task<catalog::Fallback> find(model::QueryService query, std::string secret,
                                   base::Duration patience);

 private:
  io::Task<base::Result<std::string>> ask(std::string datacenter, std::string method,
                                          std::string request, base::Duration patience);
  io::Task<base::Result<std::string>> ask_one(rpc::Whom server, std::string method,
                                              std::string request, base::Duration timeout);

  io::World& world_;
  cluster::Cluster& cluster_;
};

}  // namespace caravan::server
