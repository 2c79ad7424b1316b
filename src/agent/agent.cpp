// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.hpp"

#include <unistd.h>

#include <fmt/core.h>

#include "agent/foreign.hpp"
#include "agent/scheduler_defaults.hpp"
#include "agent/watches.hpp"
#include "api/other_sites.hpp"
#include "base/text.hpp"
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
io::Task<void> start_there(rpc::Uplink& uplink, rpc::Service& service) {
  uplink.start(service);
  co_return;
}

io::Task<void> start_alone(rpc::Uplink& uplink) {
  uplink.start();
  co_return;
}

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

Agent::Agent(io::World& world, io::Datagrams& datagrams, Options options,
             config::Endpoints endpoints, std::map<std::string, std::string> environment,
             io::LogSource& logs, io::Logger log)
    : world_(world),
      datagrams_(datagrams),
      options_(std::move(options)),
      endpoints_(std::move(endpoints)),
      environment_(std::move(environment)),
      logs_(logs),
      log_(std::move(log)),
      name_(options_.config.name.empty() ? host_name() : options_.config.name),
      data_dir_(options_.config.data_dir),
      certificates_(world, options_.config.tls, options_.config.region,
                    options_.config.server.enabled),
      default_token_(world.disk,
                     options_.config.catalog.keeps_tokens ? data_dir_ + "/acl-tokens.json" : "",
                     options_.config.catalog.default_token),
      gate_(options_.config.acl.enabled ? acl::Gate::Now([&world] { return world.clock.now(); })
                                        : acl::Gate::Now()) {}

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
  if (uplink_)
    config.on_servers = [this](const std::vector<std::string>& servers) {
      std::vector<io::Address> known;
      for (const std::string& text : servers)
        if (const auto address = io::Address::parse(text)) known.push_back(*address);
      uplink_->learn(std::move(known));
    };
  config.introduction = [this, path = config.state_dir + "/intro_token.jwt"] {
    const auto named = environment_.find("NOMAD_CLIENT_INTRO_TOKEN");
    if (named != environment_.end()) return named->second;
    return std::string(base::trim(world_.disk.read_file(path).value_or("")));
  };
  if (foreign_) {
    config.foreign_data = &foreign_->data;
    config.set_catalog_share = [this](const base::AllocId& alloc, client::CatalogShare share) {
      foreign_->services.set(alloc.to_string(), client::foreign_services(share));
    };
  } else if (options_.config.has_catalog()) {
    config.set_catalog_share = [this](const base::AllocId& alloc, client::CatalogShare share) {
      share_in_catalog(alloc, std::move(share));
    };
  }
  CO_TRY_VOID(world_.disk.make_dirs(config.state_dir, 0700));
  const std::string program = config.state_dir + "/caravan-supervisor";
  CO_TRY_VOID(co_await driver::install_supervisor(world_.disk, program));
  CO_TRY_VOID(co_await driver::install_holder(world_.disk, config.state_dir + "/caravan-holder"));
  supervisors_ = std::make_unique<driver::Supervisors>(world_, program, config.state_dir + "/run",
                                                       log_.named("client.driver"));
  config.fetch = fetch_config(config.state_dir);
  CO_TRY(config.devices, declared_devices());
  node.resources.devices = client::fingerprint_devices(config.devices, world_.disk);
  CO_TRY_VOID(co_await client::install_fetch(world_.disk, config.fetch.program));
  CO_TRY(auto drivers, make_drivers(node));
  co_await client::fingerprint_drivers(node, drivers, world_.clock.now());
  co_await client::fingerprint_networks(node, config.network, world_, log_.named("client.network"));
  client_ = std::make_unique<client::Client>(world_, std::move(config), std::move(node),
                                             std::move(drivers), uplink_ ? *uplink_ : *to_server_,
                                             log_.named("client"));
  node_service_ = std::make_unique<client::NodeService>(world_, *client_, &logs_, data_dir_);
  const auto lane = world_.executor.lane(io::Lane::client);
  rpc::Caller server;
  server.is_server = true;
  to_node_ = rpc::make_local_channel(*node_service_, lane, server);
  CO_TRY_VOID(co_await io::on(lane, start_there(*client_)));
  // Only now, since the first thing that a server asks is who this is.
  if (uplink_) co_await io::on(lane, start_there(*uplink_, *node_service_));
  co_return base::Status();
}

io::Task<base::Status> Agent::start_server() {
  const http::Handler forwarded = [this](const http::Request& request, http::Responder& responder) {
    if (is_own(request)) return serve_own(request, responder);
    return router_of(request).serve(request, responder);
  };
  ServerPartConfig part = server_part_config();
  CO_TRY(part.server.scheduler_defaults,
         scheduler_defaults(options_.config.server.default_scheduler_config));
  CO_TRY(part.server.keys.guards, key_guards());
  CO_TRY_VOID(co_await keep_first_token(part.server.data_dir));
  server_ = std::make_unique<ServerPart>(world_, datagrams_, *transport_, std::move(part),
                                         forwarded, log_.named("server"));
  CO_TRY_VOID(co_await server_->start());
  datacenters_ = std::make_unique<server::OtherDatacenters>(world_, server_->cluster());
  server_->service().answer_searches(
      [this](const wire::CatalogFind& asked) { return found_for(asked); });
  const auto main = world_.executor.lane(io::Lane::main);
  to_server_ = rpc::make_local_channel(server_->service(), main, rpc::Caller());
  co_return base::Status();
}

io::Task<base::Status> Agent::start() {
  CO_TRY_VOID(world_.disk.make_dirs(data_dir_, 0711));
  CO_TRY_VOID(make_transport());
  CO_TRY_VOID(default_token_.load());
  const auto at = [this] { return whereabouts(); };
  const auto barrier = [this] { return server_->barrier(); };
  const config::AgentConfig& c = options_.config;
  forward_ = std::make_unique<api::Forward>(world_, *transport_, at, "", name_);
  router_ = std::make_unique<api::Router>(gate_,
                                          api::nomad::face(c.region, c.server.authoritative_region),
                                          *forward_, barrier, log_.named("http"));
  api::Face catalog =
      api::consul::face(c.datacenter, c.region, c.server.authoritative_region);
  catalog_forward_ = std::make_unique<api::Forward>(world_, *transport_, at, catalog.name, name_);
  catalog_router_ = std::make_unique<api::Router>(gate_, std::move(catalog), *catalog_forward_,
                                                  barrier, log_.named("catalog.http"));
  CO_TRY_VOID(co_await open_audit());
  if (options_.config.server.enabled) {
    CO_TRY_VOID(co_await start_server());
  } else {
    uplink_ =
        std::make_unique<rpc::Uplink>(world_, *transport_, world_.executor.lane(io::Lane::client),
                                      known_servers(), log_.named("client.servers"));
  }
  CO_TRY_VOID(co_await start_foreign());
  if (options_.config.client.enabled) {
    CO_TRY_VOID(co_await start_client());
  } else if (uplink_) {
    co_await io::on(world_.executor.lane(io::Lane::client), start_alone(*uplink_));
  }
  if (foreign_)
    co_await io::on(world_.executor.lane(io::Lane::client), offer_to_foreign());
  if (options_.config.has_catalog()) CO_TRY_VOID(co_await start_registry());
  if (server_) {
    CO_TRY(gitops::Settings settings, gitops_settings());
    gitops_ = std::make_unique<GitopsPart>(world_, *server_, *router_, std::move(settings),
                                           data_dir_ + "/server", log_.named("gitops"));
  }
  add_routes();
  add_catalog_routes();
  if (server_) CO_TRY_VOID(co_await server_->open_doors());
  if (options_.config.has_catalog()) CO_TRY_VOID(co_await start_catalog());
  CO_TRY_VOID(co_await start_http());
  if (registry_) start_watches();
  if (gitops_) gitops_->start();
  co_return co_await start_ingress();
}

const api::Router& Agent::router_of(const http::Request& request) const {
  const bool is_catalog = request.headers.get(api::face_header) == catalog_router_->face().name;
  return is_catalog ? *catalog_router_ : *router_;
}

io::Task<base::Status> Agent::start_http() {
  co_return co_await listen(endpoints_.http_listen, *router_, options_.config.tls.http, "HTTP API");
}

/// Every server answers for the registry, whoever asks it; what is listened on is each agent's own.
io::Task<base::Status> Agent::start_catalog() {
  const base::Status served = co_await serve_catalog();
  // Whoever tries things out may have the original on this machine, too.
  const bool is_asked_for = options_.config.set.at("catalog") != dev_place;
  if (served || is_asked_for) co_return served;
  log_.warn("the registry is not served here", {{"error", served.error().message}});
  co_return base::Status();
}

io::Task<base::Status> Agent::serve_catalog() {
  CO_TRY_VOID(co_await listen(endpoints_.catalog_http_listen, *catalog_router_, false,
                              "catalog's HTTP API"));
  CO_TRY_VOID(co_await listen(endpoints_.catalog_https_listen, *catalog_router_, true,
                              "catalog's HTTPS API"));
  co_return co_await start_dns();
}

/// Whoever comes in from outside is no agent, whatever the request says.
io::Task<void> Agent::serve_stranger(const api::Router& router, const http::Request& request,
                                     http::Responder& responder) {
  if (!request.headers.contains(own_header)) co_return co_await router.serve(request, responder);
  http::Request plain = request;
  plain.headers.set(own_header, "");
  co_await router.serve(plain, responder);
}

/// Of the registry: whoever shows no token has the default one, but not a page of another site.
io::Task<void> Agent::serve_nameless(const http::Request& request,
                                     http::Responder& responder) const {
  if (default_token_.secret().empty() || !catalog_router_->face().token_of(request).empty() ||
      api::is_act_of_other_site(request))
    co_return co_await serve_stranger(*catalog_router_, request, responder);
  const http::Request shown = default_token_.shown_by(request);
  co_await serve_stranger(*catalog_router_, shown, responder);
}

io::Task<base::Status> Agent::listen(const std::vector<config::Endpoint>& endpoints,
                                     const api::Router& router, bool is_secure,
                                     std::string_view what) {
  http::Limits limits;
  limits.connections_per_peer_max = options_.config.limits.http_max_conns_per_client;
  limits.handshake_timeout = options_.config.limits.https_handshake_timeout;
  const http::Handler handler = [this, &router](const http::Request& request,
                                                http::Responder& responder) {
    if (&router == catalog_router_.get()) return serve_nameless(request, responder);
    return serve_stranger(router, request, responder);
  };
  for (const config::Endpoint& endpoint : endpoints) {
    http_.push_back(std::make_unique<http::Server>(world_, limits, handler, log_.named("http")));
    if (is_secure) http_.back()->secure_with([this] { return certificates_.of_http(); });
    const io::Address address{endpoint.host, static_cast<std::uint16_t>(endpoint.port), false};
    CO_TRY_VOID(co_await http_.back()->start(address));
    log_.info(fmt::format("{} is up", what), {{"address", address.to_string()}});
  }
  co_return base::Status();
}

std::shared_ptr<const api::Whereabouts> Agent::whereabouts() const {
  if (server_) return server_->whereabouts();
  auto at = std::make_shared<api::Whereabouts>();
  if (uplink_) at->servers = uplink_->servers();
  return at;
}

io::Task<base::Error> Agent::failure() {
  if (server_) co_return co_await server_->failure();
  while (true)
    co_await world_.clock.sleep(1h);
}

io::Task<void> Agent::stop(bool leaves) {
  const auto lane = world_.executor.lane(io::Lane::client);
  if (client_ && options_.dev) co_await io::on(lane, end_there(world_.clock, *client_));
  if (leaves) co_await leave();
  if (gitops_ && !has_left_) co_await gitops_->stop();
  if (server_) co_await server_->hand_over();
  if (server_) server_->server().watches().close();
  if (watches_) co_await watches_->stop();
  if (ingress_) co_await ingress_->stop(options_.dev);
  for (const std::unique_ptr<http::Server>& http : http_)
    co_await http->stop();
  if (dns_) co_await dns_->stop();
  if (locator_) co_await locator_->stop();
  if (leaves_) co_await leaves_->stop();
  if (registry_) co_await registry_->stop();
  if (uplink_) co_await uplink_->stop();
  if (to_node_) co_await to_node_->stop();
  if (client_) co_await io::on(lane, stop_there(*client_));
  if (foreign_) co_await io::on(lane, stop_foreign());
  if (server_) co_await server_->stop();
}

}  // namespace caravan::agent
