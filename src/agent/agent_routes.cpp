// SPDX-License-Identifier: Apache-2.0
// The pages of the public API that this agent answers.
#include "agent/agent.hpp"
#include "api/web_page.hpp"
#include "api/once.hpp"

namespace caravan::agent {

api::nomad::NodeChannel Agent::node_channel() {
  return [this](const base::NodeId& id) -> std::shared_ptr<rpc::Channel> {
    if (client_ && client_->node().id == id) return to_node_;
    return server_->nodes().find(id);
  };
}

void Agent::add_routes() {
  const api::nomad::AgentFace shown = face();
  router_->add(api::nomad::agent_routes(shown, world_.clock));
  if (options_.config.ui.enabled) router_->add(api::web_page_routes(false));
  router_->add(api::nomad::route_table_routes(*router_));
  const auto own_node = [this] { return client_ ? to_node_ : nullptr; };
  api::nomad::MonitorParts monitor{shown, *forward_, logs_, world_.clock, own_node, {}, {}};
  if (server_) {
    monitor.channel = node_channel();
    monitor.is_known = [&store = server_->server().store()](const base::NodeId& id) {
      return store.snapshot()->node(id) != nullptr;
    };
  }
  router_->add(api::nomad::monitor_routes(std::move(monitor)));
  if (!server_) return;  // all others are a server's
  server::Server& server = server_->server();
  gate_.see([&store = server.store()] { return store.snapshot(); });
  router_->add(api::once_routes(server.store(), router_->face()));
  const api::Readers readers{server.store(), server.watches(), world_.clock};
  router_->add(api::nomad::job_routes(readers, server.jobs(), options_.config.region));
  router_->add(api::nomad::job_part_routes(readers));
  router_->add(api::nomad::job_version_routes(readers, server.jobs()));
  router_->add(api::nomad::job_restart_routes(readers, server.restarts()));
  router_->add(api::nomad::parent_routes(server.periodic(), server.dispatches()));
  router_->add(api::nomad::parse_routes());
  router_->add(api::nomad::scaling_routes(readers, server.scaling()));
  router_->add(api::global(api::nomad::node_pool_routes(readers, server.operators())));
  router_->add(
      api::nomad::node_routes(readers, server.jobs(), server.drainer(), server.operators()));
  router_->add(api::global(api::nomad::namespace_routes(readers, server.operators())));
  router_->add(
      api::global(api::nomad::quota_routes(readers, server.operators(), options_.config.region)));
  router_->add(api::nomad::scheduler_config_routes(readers, server.operators()));
  router_->add(api::nomad::autopilot_config_routes(readers, server.operators()));
  router_->add(api::nomad::snapshot_routes(server.backups()));
  router_->add(api::nomad::event_routes(readers, server.events(), gate_));
  router_->add(api::nomad::gitops_routes([this] { return gitops_->status(); }));
  router_->add(api::nomad::search_routes(readers));
  router_->add(api::nomad::allocation_routes(readers, server.jobs()));
  router_->add(api::nomad::evaluation_routes(readers));
  router_->add(api::nomad::why_routes(readers, world_.executor));
  router_->add(api::nomad::eval_deletion_routes(readers, server.operators()));
  router_->add(api::nomad::deployment_routes(readers));
  router_->add(api::nomad::deployment_action_routes(server.deployment_actions()));
  router_->add(api::nomad::service_routes(readers, server.proposals()));
  router_->add(api::nomad::ingress_routes(readers, options_.config.datacenter));
  router_->add(api::nomad::client_routes(readers, node_channel()));
  router_->add(
      api::nomad::keyring_routes(readers, server.keys(), options_.config.server.oidc_issuer));
  router_->add(api::nomad::node_identity_routes(node_channel()));
  router_->add(api::nomad::introduction_routes(server.introductions()));
  router_->add(api::nomad::joining_routes(server_->newcomers()));
  router_->add(api::nomad::variable_routes(readers, server.variables()));
  router_->add(api::nomad::system_routes(server.collector()));
  router_->add(api::global(api::nomad::acl_routes(readers, server.access())));
  router_->add(api::nomad::acl_token_routes(readers, server.access(), router_->face().authority));
  router_->add(
      api::global(api::nomad::auth_method_routes(readers, server.access(), server.auth_methods())));
  router_->add(api::nomad::login_routes(readers, server.access(), server.logins()));
  router_->add(api::nomad::may_routes(readers));
  router_->add(api::nomad::status_routes(shown));
  router_->add(api::nomad::gossip_key_routes(server_->operations()));
  router_->add(api::nomad::server_routes(shown, server_->operations(), world_.clock,
                                         static_cast<std::uint16_t>(options_.config.ports.serf)));
}

}  // namespace caravan::agent
