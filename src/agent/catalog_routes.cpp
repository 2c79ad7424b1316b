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

}  // namespace

void Agent::add_catalog_routes() {
  if (!server_) return;  // all of them are a server's
  catalog_router_->add(api::consul::status_routes(peers_of(*server_)));
}

}  // namespace caravan::agent
