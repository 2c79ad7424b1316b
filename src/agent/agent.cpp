// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.hpp"

#include <unistd.h>

#include <fmt/core.h>

#include "agent/scheduler_defaults.hpp"
#include "client/fingerprint.hpp"
#include "client/network_fingerprint.hpp"
#include "io/task.hpp"
#include "rpc/local.hpp"

namespace caravan::agent {
namespace {

using namespace std::chrono_literals;

/// How long -dev waits for its tasks to end before it leaves.
constexpr base::Duration dev_end_timeout = 15s;
constexpr base::Duration dev_end_look = 50ms;

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

io::Task<base::Status> start_there(client::Client& client) { co_return co_await client.start(); }
io::Task<void> stop_there(client::Client& client) { co_await client.stop(); }

/// Asks every allocation to stop and waits until it has.
io::Task<void> end_there(io::Clock& clock, client::Client& client) {
  for (const auto& [id, runner] : client.allocs()) {
    model::Allocation stopped = runner->allocation();
    stopped.desired_status = model::DesiredStatus::stop;
    stopped.desired_description = "the agent is ending";
    co_await runner->update(std::move(stopped));
  }
  const base::Duration deadline = clock.uptime() + dev_end_timeout;
  const auto all_over = [&] {
    return std::ranges::all_of(client.allocs(),
                               [](const auto& entry) { return entry.second->is_over(); });
  };
  while (!all_over() && clock.uptime() < deadline)
    co_await clock.sleep(dev_end_look);
}

}  // namespace

Agent::Agent(io::World& world, Options options, config::Endpoints endpoints,
             std::map<std::string, std::string> environment, io::Logger log)
    : world_(world),
      options_(std::move(options)),
      endpoints_(std::move(endpoints)),
      environment_(std::move(environment)),
      log_(std::move(log)),
      name_(options_.config.name.empty() ? host_name() : options_.config.name),
      data_dir_(options_.config.data_dir) {}

Agent::~Agent() = default;

io::Task<base::Status> Agent::start_client() {
  CO_TRY(model::Node node, make_node());
  client::ClientConfig config;
  const config::ClientConfig& c = options_.config.client;
  config.state_dir = c.state_dir.empty() ? data_dir_ + "/client" : c.state_dir;
  config.alloc_dir = c.alloc_dir.empty() ? data_dir_ + "/alloc" : c.alloc_dir;
  config.region = options_.config.region;
  config.kill_timeout_max = c.max_kill_timeout;
  config.host_env = client::filter_host_env(environment_);
  config.network = network_config(config.state_dir);
  CO_TRY_VOID(world_.disk.make_dirs(config.state_dir, 0700));
  const std::string program = config.state_dir + "/caravan-supervisor";
  CO_TRY_VOID(co_await driver::install_supervisor(world_.disk, program));
  CO_TRY_VOID(co_await driver::install_holder(world_.disk, config.state_dir + "/caravan-holder"));
  supervisors_ = std::make_unique<driver::Supervisors>(world_, program, config.state_dir + "/run",
                                                       log_.named("client.driver"));
  config.fetch = fetch_config(config.state_dir);
  CO_TRY_VOID(co_await client::install_fetch(world_.disk, config.fetch.program));
  CO_TRY(auto drivers, make_drivers(node));
  co_await client::fingerprint_drivers(node, drivers, world_.clock.now());
  co_await client::fingerprint_networks(node, config.network, world_, log_.named("client.network"));
  client_ = std::make_unique<client::Client>(world_, std::move(config), std::move(node),
                                             std::move(drivers), *to_server_, log_.named("client"));
  node_service_ = std::make_unique<client::NodeService>(world_, *client_);
  const auto lane = world_.executor.lane(io::Lane::client);
  rpc::Caller server;
  server.is_server = true;
  to_node_ = rpc::make_local_channel(*node_service_, lane, server);
  co_return co_await io::on(lane, start_there(*client_));
}

io::Task<base::Status> Agent::start() {
  CO_TRY_VOID(world_.disk.make_dirs(data_dir_, 0711));
  server::ServerConfig server = server_config();
  CO_TRY(server.scheduler_defaults,
         scheduler_defaults(options_.config.server.default_scheduler_config));
  server_ =
      std::make_unique<server::Server>(world_, std::move(server), peers_, log_.named("server"));
  CO_TRY_VOID(co_await server_->start());
  const auto main = world_.executor.lane(io::Lane::main);
  to_server_ = rpc::make_local_channel(server_->nodes(), main, rpc::Caller());
  if (options_.config.client.enabled) CO_TRY_VOID(co_await start_client());

  router_ = std::make_unique<api::Router>(
      gate_, options_.config.region, [this] { return server_->replica().leader() != 0; },
      log_.named("http"));
  const api::Readers readers{server_->store(), server_->watches(), world_.clock};
  const api::nomad::AgentFace shown = face();
  router_->add(api::nomad::job_routes(readers, server_->jobs()));
  router_->add(api::nomad::job_part_routes(readers));
  router_->add(api::nomad::job_version_routes(readers, server_->jobs()));
  router_->add(api::nomad::parent_routes(server_->periodic(), server_->dispatches()));
  router_->add(api::nomad::parse_routes());
  router_->add(api::nomad::scaling_routes(readers, server_->scaling()));
  router_->add(api::nomad::node_pool_routes(readers, server_->operators()));
  router_->add(
      api::nomad::node_routes(readers, server_->jobs(), server_->drainer(), server_->operators()));
  router_->add(api::nomad::namespace_routes(readers, server_->operators()));
  router_->add(api::nomad::quota_routes(readers, server_->operators(), options_.config.region));
  router_->add(api::nomad::scheduler_config_routes(readers, server_->operators()));
  router_->add(api::nomad::event_routes(readers, server_->events()));
  router_->add(api::nomad::search_routes(readers));
  router_->add(api::nomad::allocation_routes(readers, server_->jobs()));
  router_->add(api::nomad::evaluation_routes(readers));
  router_->add(api::nomad::why_routes(readers, world_.executor));
  router_->add(api::nomad::eval_deletion_routes(readers, server_->operators()));
  router_->add(api::nomad::deployment_routes(readers));
  router_->add(api::nomad::deployment_action_routes(server_->deployment_actions()));
  router_->add(api::nomad::service_routes(readers, server_->proposals()));
  router_->add(api::nomad::client_routes(readers, [this](const base::NodeId& id) {
    return client_ && client_->node().id == id ? to_node_.get() : nullptr;
  }));
  router_->add(
      api::nomad::keyring_routes(readers, server_->keys(), options_.config.server.oidc_issuer));
  router_->add(api::nomad::system_routes(server_->collector()));
  router_->add(api::nomad::agent_routes(shown, readers));
  router_->add(
      api::nomad::status_routes(shown, [this] { return server_->replica().leader() != 0; }));

  http::Limits limits;
  limits.connections_per_peer_max = options_.config.limits.http_max_conns_per_client;
  const http::Handler handler = [this](const http::Request& request, http::Responder& responder) {
    return router_->serve(request, responder);
  };
  for (const config::Endpoint& endpoint : endpoints_.http_listen) {
    http_.push_back(std::make_unique<http::Server>(world_, limits, handler, log_.named("http")));
    const io::Address address{endpoint.host, static_cast<std::uint16_t>(endpoint.port), false};
    CO_TRY_VOID(co_await http_.back()->start(address));
    log_.info("HTTP API is up", {{"address", address.to_string()}});
  }
  co_return base::Status();
}

io::Task<base::Error> Agent::failure() { co_return co_await server_->failure(); }

io::Task<void> Agent::stop() {
  const auto lane = world_.executor.lane(io::Lane::client);
  if (client_ && options_.dev) co_await io::on(lane, end_there(world_.clock, *client_));
  server_->watches().close();
  for (const std::unique_ptr<http::Server>& http : http_)
    co_await http->stop();
  if (to_node_) co_await to_node_->stop();
  if (client_) co_await io::on(lane, stop_there(*client_));
  co_await server_->stop();
}

}  // namespace caravan::agent
