// SPDX-License-Identifier: Apache-2.0
// The pages of the registry's API that this agent answers.
#include <fmt/core.h>

#include "agent/agent.hpp"
#include "api/consul/acl_identities.hpp"
#include "api/consul/shared.hpp"
#include "api/web_page.hpp"
#include "api/once.hpp"
#include "catalog/instances.hpp"

namespace caravan::agent {
namespace {

/// Of all datacenters that a query falls back to.
constexpr base::Duration find_patience{5'000'000'000};

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

/// Those that are registered, and those of the cluster.
api::consul::Nodes nodes_of(ServerPart& server, const std::string& own_name) {
  const auto asked = [own_name](const http::Request& request) {
    const std::string_view other = request.headers.get(api::asked_header);
    return api::hops_of(request) > 0 && !other.empty() ? std::string(other) : own_name;
  };
  const auto is_known = [&server](const std::string& name) {
    const auto view = server.cluster().view();
    if (caravan::catalog::find_node(*server.server().store().snapshot(), name)) return true;
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

std::vector<api::consul::PoolMember> Agent::pool_members(bool wide) const {
  std::vector<api::consul::PoolMember> all;
  if (!server_) return all;
  const auto view = server_->cluster().view();
  for (const cluster::Member& member : view->members) {
    if (!wide && !view->is_ours(member)) continue;
    const int status = member.status == cluster::MemberStatus::alive    ? 1
                       : member.status == cluster::MemberStatus::failed ? 4
                                                                        : 3;
    const wire::ServerInfo& info = member.info;
    all.push_back({wide ? info.name + "." + info.datacenter : info.name, member.gossip.host,
                   info.datacenter, member.gossip.port, status, true});
  }
  if (wide) return all;
  const state::Snapshot tables = server_->server().store().snapshot();
  tables->catalog_nodes.each([&](const std::string& on, const auto& node) {
    const bool is_listed =
        std::ranges::any_of(all, [&](const auto& one) { return one.name == node->name; });
    if (!node->has_agent || is_listed) return;
    const auto* alive = tables->catalog_checks.find({on, model::alive_check});
    const bool lives = alive && (*alive)->status == model::Health::passing;
    all.push_back({node->name, node->address, options_.config.datacenter, 0, lives ? 1 : 4, false});
  });
  return all;
}

json::Object Agent::registry_stats() const {
  const auto said = [](bool is_so) { return is_so ? "true" : "false"; };
  json::Object stats = {
      {"build", json::Object{{"version", consul_version}, {"revision", version}}},
      {"agent", json::Object{{"services", fmt::format("{}", registry_->inventory().services().size())},
                             {"checks", fmt::format("{}", registry_->inventory().own_checks().size())}}}};
  json::Object& own =
      *(stats["consul"] = json::Object{{"server", said(server_ != nullptr)}}).as_object();
  if (!server_) return stats;
  const consensus::Replica& raft = server_->server().replica();
  own["leader"] = said(raft.is_leader());
  own["leader_addr"] = peers_of(*server_).leader();
  own["known_datacenters"] = fmt::format("{}", 1 + datacenters_->known().size());
  stats["raft"] = json::Object{{"state", raft.is_leader() ? "Leader" : "Follower"},
                               {"term", fmt::format("{}", raft.term())},
                               {"applied_index", fmt::format("{}", raft.applied())},
                               {"commit_index", fmt::format("{}", raft.commit_index())},
                               {"last_snapshot_index", fmt::format("{}", raft.snapshot_index())}};
  const auto view = server_->cluster().view();
  stats["serf_lan"] = json::Object{{"members", fmt::format("{}", view->members.size())},
                                   {"encrypted", said(view->encrypted)}};
  return stats;
}

api::consul::QueryHelp Agent::query_help() {
  const auto main = world_.executor.lane(io::Lane::main);
  const auto below = [&random = world_.random](std::size_t n) { return random.below(n); };
  const auto fall_back = [this, main](model::QueryService query, std::string secret) {
    return io::on(main, datacenters_->find(std::move(query), std::move(secret), find_patience));
  };
  return {gate_, options_.config.datacenter, below, fall_back};
}

base::Result<wire::CatalogFound> Agent::found_for(const wire::CatalogFind& asked) const {
  TRY(const acl::Authorized caller, gate_.who(asked.secret));
  const state::Snapshot tables = server_->server().store().snapshot();
  wire::CatalogFound found;
  for (const auto& instance : api::consul::selected_for(caller, *tables, asked.query)) {
    if (found.instances.size() == wire::found_instances_max) break;
    wire::FoundInstance& told = found.instances.emplace_back();
    told.node = *instance.node;
    told.service = *instance.service;
    for (const auto& check : instance.checks)
      told.checks.push_back(*check);
  }
  return found;
}

void Agent::add_catalog_routes() {
  if (options_.config.ui.enabled) catalog_router_->add(api::web_page_routes(true));
  catalog_router_->add(api::consul::shared_routes(router_->routes(), name_));
  if (registry_) {
    const api::consul::OwnAgent own{world_,
                                    *registry_,
                                    options_.config.datacenter,
                                    consul_version,
                                    registry_node_id_,
                                    server_ != nullptr,
                                    options_.config.catalog.enable_script_checks,
                                    [this](bool wide) { return pool_members(wide); },
                                    [this] { return registry_stats(); },
                                    [this] { return locator_->place(); },
                                    [this] { return reload(); },
                                    [this] { return leave(); },
                                    [this](const std::string& secret) -> base::Status {
                                      if (!gate_.is_on() || !gate_.snapshot()) return {};
                                      TRY_VOID(gate_.who(secret));
                                      return {};
                                    },
                                    [this](std::string secret) {
                                      return default_token_.set(std::move(secret));
                                    }};
    catalog_router_->add(api::consul::agent_routes(own));
    catalog_router_->add(api::consul::agent_self_routes(own));
    catalog_router_->add(api::consul::agent_life_routes(own));
    catalog_router_->add(api::consul::agent_leaf_routes(own, *leaves_));
  }
  if (!server_) return;  // all others are a server's
  server::Server& server = server_->server();
  const api::Readers readers{server.store(), server.watches(), world_.clock};
  catalog_router_->add(api::consul::status_routes(peers_of(*server_)));
  const std::string& datacenter = options_.config.datacenter;
  const api::consul::Nodes nodes = nodes_of(*server_, name_);
  const api::consul::Datacenters datacenters{
      datacenter, [this] { return datacenters_->known(); }};
  catalog_router_->add(
      api::consul::catalog_routes(readers, server.registrations(), datacenters, nodes));
  catalog_router_->add(api::consul::force_leave_routes(readers, server_->operations(),
                                                       server.registrations()));
  catalog_router_->add(api::consul::health_routes(readers, datacenter, nodes));
  catalog_router_->add(api::consul::kv_routes(readers, server.kv()));
  catalog_router_->add(api::consul::session_routes(readers, server.sessions(), nodes));
  catalog_router_->add(
      api::consul::query_routes(readers, server.prepared_queries(), query_help(), nodes));
  catalog_router_->add(
      api::consul::coordinate_routes(readers, server.coordinates(), world_, datacenter));
  catalog_router_->add(api::consul::event_routes(readers, server.user_events(), nodes));
  catalog_router_->add(api::consul::txn_routes(readers, server.kv(), datacenter));
  catalog_router_->add(api::consul::config_routes(readers, server.config_entries()));
  catalog_router_->add(api::consul::intention_routes(readers, server.config_entries(),
                                                    !server.access().is_on()));
  catalog_router_->add(api::consul::connect_routes(readers, server.connect(),
                                                   !server.access().is_on()));
  catalog_router_->add(api::once_routes(server.store(), catalog_router_->face()));
  catalog_router_->add(api::consul::keyring_routes(server_->operations(), datacenter));
  server::Access& access = server.access();
  catalog_router_->add(api::global(api::consul::acl_routes(readers, access, datacenter)));
  catalog_router_->add(api::global(api::consul::acl_token_routes(readers, access, datacenter)));
  const api::consul::AuthParts auth{server.auth_methods(), server.logins(), datacenter};
  catalog_router_->add(api::global(api::consul::auth_routes(readers, access, auth)));
  catalog_router_->add(api::consul::login_routes(readers, access, auth));
  server.logins().prepare([&store = server.store(), &access](std::vector<std::string> policies) {
    return api::consul::make_bound(store.snapshot(), access, std::move(policies));
  });
}

}  // namespace caravan::agent
