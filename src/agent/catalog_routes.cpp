// SPDX-License-Identifier: Apache-2.0
// The pages of the registry's API that this agent answers.
#include "agent/agent.hpp"

namespace caravan::agent {
namespace {

api::consul::Peers peers_of(ServerPart& server) {
  const auto voters = [&server] {
    std::vector<std::string> all;
    const auto view = server.cluster().view();
    for (const cluster::Member& member : view->members)
      if (std::ranges::find(view->conf.voters, member.info.id) != view->conf.voters.end())
        all.push_back(member.info.rpc_address);
    return all;
  };
  const auto leader = [&server]() -> std::string {
    const auto view = server.cluster().view();
    const auto found = std::ranges::find_if(view->members, [&](const cluster::Member& member) {
      return member.info.id == view->leader;
    });
    return found == view->members.end() ? "" : found->info.rpc_address;
  };
  return {leader, voters};
}

/// Until nodes can be registered, those of the cluster are the ones that are known.
api::consul::Nodes nodes_of(ServerPart& server, const std::string& own_name) {
  const auto asked = [own_name](const http::Request& request) {
    const std::string_view other = request.headers.get(api::asked_header);
    return api::hops_of(request) > 0 && !other.empty() ? std::string(other) : own_name;
  };
  const auto is_known = [&server](const std::string& name) {
    const auto view = server.cluster().view();
    bool found = std::ranges::any_of(
        view->members, [&](const cluster::Member& member) { return member.info.name == name; });
    server.server().store().snapshot()->nodes.each(
        [&](const base::NodeId&, const state::Ref<model::Node>& node) {
          found = found || node->name == name;
        });
    return found;
  };
  return {asked, is_known};
}

}  // namespace

void Agent::add_catalog_routes() {
  if (!server_) return;  // all of them are a server's
  server::Server& server = server_->server();
  const api::Readers readers{server.store(), server.watches(), world_.clock};
  catalog_router_->add(api::consul::status_routes(peers_of(*server_)));
  catalog_router_->add(api::consul::kv_routes(readers, server.kv()));
  catalog_router_->add(
      api::consul::session_routes(readers, server.sessions(), nodes_of(*server_, name_)));
  catalog_router_->add(api::consul::txn_routes(server.kv()));
}

}  // namespace caravan::agent
