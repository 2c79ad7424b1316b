// SPDX-License-Identifier: Apache-2.0
// This agent in the registry: its node, its services, and what its allocations offer.
#include <boost/asio/post.hpp>
#include <fmt/core.h>

#include "agent/agent.hpp"
#include "agent/container_checks.hpp"
#include "agent/file_services.hpp"
#include "agent/gitops_part.hpp"
#include "agent/own_services.hpp"
#include "agent/watches.hpp"
#include "api/heard.hpp"
#include "base/text.hpp"

namespace caravan::agent {
namespace {

using namespace std::chrono_literals;

/// Errors: invalid (the first that is wrong).
base::Result<std::vector<config::WatchDefinition>> watches_of(const config::AgentConfig& config) {
  std::vector<config::KeyProblem> problems;
  std::vector<config::WatchDefinition> all =
      config::watch_definitions(config.catalog.watches, problems);
  if (problems.empty()) return all;
  return base::invalid(problems.front().key + ": " + problems.front().what);
}

/// Whoever asked the agent to leave is told that it did before it ends.
constexpr base::Duration leave_look = 50ms, leave_grace = 300ms;

}  // namespace

/// Where the server looks for it, until there is a log that may have one.
io::Task<base::Status> Agent::keep_first_token(std::string folder) {
  const std::string& secret = options_.config.first_token;
  if (secret.empty() || world_.disk.exists(folder + "/raft")) co_return base::Status();
  CO_TRY_VOID(world_.disk.make_dirs(folder, 0700));
  co_return co_await world_.disk.replace_file(folder + "/acl-bootstrap-secret", secret, 0600);
}

/// Of the machine in the registry: a client's node has one already.
base::Result<std::string> Agent::registry_node_id() const {
  if (client_) return client_->node().id.to_string();
  const std::string path = data_dir_ + "/node-id";
  if (world_.disk.exists(path)) {
    TRY(const std::string text, world_.disk.read_file(path));
    return std::string(base::trim(text));
  }
  return world_.random.uuid().to_string();
}

io::Task<base::Status> Agent::start_registry() {
  CO_TRY(registry_node_id_, registry_node_id());
  CO_TRY_VOID(co_await world_.disk.replace_file(data_dir_ + "/node-id", registry_node_id_, 0644));
  rpc::Channel& servers = uplink_ ? *uplink_ : *to_server_;
  CO_TRY(registry::RegistryConfig config, registry_config());
  registry_ = std::make_unique<registry::Registry>(world_, datagrams_, std::move(config), servers,
                                                   log_.named("registry"));
  CO_TRY_VOID(co_await registry_->start());
  start_locator();
  leaves_ = std::make_unique<registry::Leaves>(world_, servers, log_.named("connect"));
  leaves_->start();
  for (auto& [alloc, share] : std::exchange(early_shares_, {}))
    registry_->set_guests(alloc.to_string(), std::move(share.services), std::move(share.checks));
  co_return base::Status();
}

/// Servers ask each other, and every other agent asks servers.
void Agent::start_locator() {
  rpc::Channel& servers = uplink_ ? *uplink_ : *to_server_;
  const auto landmarks = [this] {
    if (uplink_) return uplink_->servers();
    return server_->cluster().view()->living_in(options_.config.region);
  };
  locator_ = std::make_unique<registry::Locator>(world_, *transport_, name_, landmarks, servers,
                                                 log_.named("locator"));
  if (server_) server_->service().answer_probes([this] { return locator_->place(); });
  locator_->start();
}

/// They ask as any client of this agent would.
void Agent::start_watches() {
  const Watches::Ask ask = [this](std::string target,
                                  std::string token) -> io::Task<base::Result<http::Response>> {
    http::Request request;
    request.method = "GET";
    CO_TRY_VOID(request.set_target(std::move(target)));
    if (token.empty()) token = default_token_.secret();
    if (!token.empty()) request.headers.add("X-Consul-Token", std::move(token));
    request.peer = {"127.0.0.1", 0, false};
    api::Heard heard;
    co_await catalog_router_->serve(request, heard);
    co_return heard.take();
  };
  watches_ = std::make_unique<Watches>(world_, ask, environment_, log_.named("watches"));
  // What is wrong with them was said before the agent began.
  watches_->want(watches_of(options_.config).value_or(std::vector<config::WatchDefinition>()));
}

void Agent::share_in_catalog(const base::AllocId& alloc, client::CatalogShare share) {
  boost::asio::post(world_.executor.lane(io::Lane::main), [this, alloc, share = std::move(share)] {
    if (!registry_)
      early_shares_[alloc] = share;
    else
      registry_->set_guests(alloc.to_string(), share.services, share.checks);
  });
}

base::Result<std::vector<registry::Resident>> Agent::residents(
    const config::AgentConfig& config) const {
  std::vector<registry::Resident> all =
      own_services(config, endpoints_, {server_ != nullptr, client_ != nullptr}, name_);
  TRY(std::vector<registry::Resident> of_files, file_services(config.catalog));
  std::ranges::move(of_files, std::back_inserter(all));
  return all;
}

base::Status Agent::reload() {
  TRY_VOID(certificates_.load());
  if (!read_again_ || !registry_) return {};
  TRY(const Options options, read_again_());
  TRY(std::vector<registry::Resident> all, residents(options.config));
  TRY(std::vector<config::WatchDefinition> watched, watches_of(options.config));
  default_token_.configure(options.config.catalog.default_token);
  registry_->set_residents(std::move(all));
  watches_->want(std::move(watched));
  return {};
}

io::Task<void> Agent::leave() {
  if (std::exchange(has_left_, true)) co_return;
  if (registry_) co_await registry_->leave();
  if (gitops_) co_await gitops_->stop();
  if (server_) co_await server_->leave();
}

io::Task<void> Agent::has_left() {
  while (!has_left_)
    co_await world_.clock.sleep(leave_look);
  co_await world_.clock.sleep(leave_grace);
}

base::Result<registry::RegistryConfig> Agent::registry_config() const {
  registry::RegistryConfig config;
  config.file = data_dir_ + "/registry";
  model::CatalogNode& node = config.node;
  node.name = name_;
  node.id = registry_node_id_;
  node.address = endpoints_.rpc_advertise.host;
  const char* family = node.address.find(':') == std::string::npos ? "ipv4" : "ipv6";
  for (const char* side : {"lan", "wan"})
    for (const std::string& key : {std::string(side), fmt::format("{}_{}", side, family)})
      node.tagged_addresses[key] = node.address;
  node.meta = options_.config.catalog.node_meta;
  node.meta["consul-network-segment"] = "";
  TRY(config.residents, residents(options_.config));
  config.run_in_container = container_checks(world_, environment_);
  if (!server_) return config;
  model::CatalogService& own = config.built_in.emplace_back();
  own.node = name_;
  own.id = own.name = "consul";
  own.port = endpoints_.rpc_advertise.port;
  own.meta = {{"raft_version", "3"}, {"version", consul_version}};
  return config;
}

}  // namespace caravan::agent
