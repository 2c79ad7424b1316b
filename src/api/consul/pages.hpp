// SPDX-License-Identifier: Apache-2.0
// Consul's HTTP API, one file per page of its public documentation. Each function gives the rows of
// that page's routes; what it takes is all that the page can touch.
#pragma once

#include "api/query.hpp"
#include "catalog/failover.hpp"
#include "cluster/operations.hpp"
#include "server/access.hpp"
#include "server/auth_methods.hpp"
#include "server/coordinates.hpp"
#include "server/config_entries.hpp"
#include "server/connect.hpp"
#include "server/kv.hpp"
#include "server/logins.hpp"
#include "server/prepared_queries.hpp"
#include "server/registrations.hpp"
#include "server/sessions.hpp"
#include "server/user_events.hpp"

namespace caravan::registry {
class Leaves;
}

namespace caravan::api::consul {

/// How its clients are talked to. `authority`: the region where what is one for all is written.
Face face(std::string datacenter, std::string region, std::string authority);

/// Who of the servers a client may be told about, as "address:port"; "" and none when unknown.
struct Peers {
  std::function<std::string()> leader;
  std::function<std::vector<std::string>()> all;
};
std::vector<Route> status_routes(Peers peers);

/// The nodes that can be named.
struct Nodes {
  /// That of the agent which the request came to first.
  std::function<std::string(const http::Request&)> asked;
  std::function<bool(const std::string&)> is_known;
};
std::vector<Route> session_routes(const Readers& readers, server::Sessions& sessions, Nodes nodes);
/// The one that is served here, and those of other regions, by name.
struct Datacenters {
  std::string own;
  std::function<std::vector<std::string>()> others;
};
std::vector<Route> catalog_routes(const Readers& readers, server::Registrations& registrations,
                                  Datacenters datacenters, Nodes nodes);
std::vector<Route> health_routes(const Readers& readers, std::string datacenter, Nodes nodes);
std::vector<Route> kv_routes(const Readers& readers, server::Kv& kv);
/// What executes prepared queries besides the state.
struct QueryHelp {
  const acl::Gate& gate;
  std::string datacenter;
  std::function<std::size_t(std::size_t)> below;  // a number below another one, by chance
  /// What other datacenters have for a query that finds nothing here, in the name of whom.
  std::function<io::Task<catalog::Fallback>(model::QueryService query,
                                                     std::string secret)>
      fall_back;
};
/// The secret that whoever asks shows; "" without.
std::string secret_of(const http::Request& request);
/// The instances that a query selects, as far as this caller may see them.
std::vector<catalog::Instance> selected_for(const acl::Authorized& caller,
                                                     const state::Tables& tables,
                                                     const model::QueryService& query);
std::vector<Route> query_routes(const Readers& readers, server::PreparedQueries& queries,
                                QueryHelp help, Nodes nodes);
std::vector<Route> coordinate_routes(const Readers& readers, server::Coordinates& coordinates,
                                     io::World& world, std::string datacenter);
std::vector<Route> event_routes(const Readers& readers, server::UserEvents& events, Nodes nodes);
std::vector<Route> txn_routes(const Readers& readers, server::Kv& kv, std::string datacenter);
/// What the caller may see of a transaction's outcome.
Answer txn_answer(const acl::Authorized& caller, const state::TxnOutcome& outcome);
/// As Face::again. Errors: conflict (it was refused), timeout (what came of it is not known any
/// more).
base::Result<Answer> again(const state::Tables& tables, const model::DoneRequest& done,
                           std::string_view asked, const acl::Authorized& caller);
std::vector<Route> config_routes(const Readers& readers, server::ConfigEntries& entries);
/// `allows_by_default`: whom no intention names may connect.
std::vector<Route> intention_routes(const Readers& readers, server::ConfigEntries& entries,
                                    bool allows_by_default);
/// The authority of the mesh, and what its certificates are worth.
std::vector<Route> connect_routes(const Readers& readers, server::Connect& connect,
                                  bool allows_by_default);
std::vector<Route> keyring_routes(cluster::Operations& operations, std::string datacenter);
/// `datacenter`: that of this region, where identities hold.
std::vector<Route> acl_routes(const Readers& readers, server::Access& access,
                              std::string datacenter);
std::vector<Route> acl_token_routes(const Readers& readers, server::Access& access,
                                    std::string datacenter);
struct AuthParts {
  server::AuthMethods& methods;
  server::Logins& logins;
  std::string datacenter;
};
/// Who else is believed, and for what.
std::vector<Route> auth_routes(const Readers& readers, server::Access& access, AuthParts parts);
std::vector<Route> login_routes(const Readers& readers, server::Access& access, AuthParts parts);

/// What this agent has to say of itself, whoever has the state.
struct OwnAgent;
std::vector<Route> agent_routes(OwnAgent own);
std::vector<Route> agent_self_routes(OwnAgent own);
std::vector<Route> agent_life_routes(OwnAgent own);
std::vector<Route> agent_leaf_routes(OwnAgent own, registry::Leaves& leaves);

}  // namespace caravan::api::consul
