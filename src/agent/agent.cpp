// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.hpp"

#include <thread>
#include <unistd.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "client/fingerprint.hpp"
#include "client/network_fingerprint.hpp"
#include "driver/config.hpp"
#include "driver/docker/docker.hpp"
#include "driver/exec.hpp"
#include "driver/mock.hpp"
#include "driver/raw_exec.hpp"
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

json::Value plugin_config(const config::AgentConfig& config, const std::string& plugin) {
  const auto found = config.plugins.find(plugin);
  if (found == config.plugins.end()) return {};
  const json::Value& block = found->second.config;
  const json::Array* list = block.as_array();
  return list && !list->empty() ? list->front() : block;
}

bool plugin_flag(const config::AgentConfig& config, const std::string& plugin, const char* key) {
  const json::Value block = plugin_config(config, plugin);
  const bool* value = block.at(key).as_bool();
  return value && *value;
}

driver::ExecOptions exec_options(const config::AgentConfig& config,
                                 const std::map<std::string, std::string>& environment) {
  driver::ExecOptions options;
  const auto path = environment.find("PATH");
  options.path =
      base::split(path == environment.end() ? "/usr/sbin:/usr/bin:/sbin:/bin" : path->second, ':');
  options.chroot_env = config.client.chroot_env;
  const json::Value block = plugin_config(config, "exec");
  if (const std::string* mode = block.at("default_pid_mode").as_string())
    options.default_pid_mode = *mode;
  if (const std::string* mode = block.at("default_ipc_mode").as_string())
    options.default_ipc_mode = *mode;
  if (const json::Array* caps = block.at("allow_caps").as_array()) {
    options.allow_caps.clear();
    for (const json::Value& name : *caps)
      options.allow_caps.push_back(name.as_string() ? *name.as_string() : "");
  }
  return options;
}

base::Result<driver::docker::Options> docker_options(
    const config::AgentConfig& config, const std::map<std::string, std::string>& environment,
    const model::Node& node, const io::Logger& log) {
  std::vector<std::string> ignored;
  TRY(driver::docker::Options options,
      driver::docker::read_options(plugin_config(config, "docker"), ignored));
  for (const std::string& key : ignored)
    log.warn("a key of plugin \"docker\" has no effect yet", {{"key", key}});
  // The same in the words of older configurations, where there is no block.
  const auto old = [&](const char* key) {
    const auto found = config.client.options.find(key);
    return found == config.client.options.end() ? std::string() : found->second;
  };
  const auto is_on = [&](const char* key) { return old(key) == "1" || old(key) == "true"; };
  if (!config.plugins.contains("docker")) {
    options.auth_config = old("docker.auth.config");
    options.auth_helper = old("docker.auth.helper");
    options.allows_privileged = is_on("docker.privileged.enabled");
    options.allows_volumes = is_on("docker.volumes.enabled");
  }
  const auto path = environment.find("PATH");
  if (path != environment.end()) options.path = base::split(path->second, ':');
  const model::NodeCpu& cpu = node.resources.cpu;
  if (cpu.cores > 0 && cpu.shares > 0)
    options.core_mhz = static_cast<double>(cpu.shares) / static_cast<double>(cpu.cores);
  return options;
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

server::ServerConfig Agent::server_config() const {
  const config::ServerConfig& c = options_.config.server;
  server::ServerConfig s;
  s.data_dir = c.data_dir.empty() ? data_dir_ + "/server" : c.data_dir;
  s.schedulers = c.num_schedulers > 0 ? static_cast<std::size_t>(c.num_schedulers)
                                      : std::max(1u, std::thread::hardware_concurrency());
  s.replica.id = 1;
  s.replica.voters = {1};
  if (options_.config.is_set("server.raft_snapshot_threshold"))
    s.replica.snapshot_entries = static_cast<std::uint64_t>(c.raft_snapshot_threshold);
  if (options_.config.is_set("server.min_heartbeat_ttl")) s.heartbeat.ttl = c.min_heartbeat_ttl;
  if (options_.config.is_set("server.heartbeat_grace")) s.heartbeat.grace = c.heartbeat_grace;
  if (options_.config.is_set("server.root_key_rotation_threshold"))
    s.keys.rotation = c.root_key_rotation_threshold;
  s.events = {c.enable_event_broker, static_cast<std::size_t>(std::max(c.event_buffer_size, 1))};
  s.collector = {c.job_gc_interval,  c.eval_gc_threshold, c.batch_eval_gc_threshold,
                 c.job_gc_threshold, c.node_gc_threshold, c.deployment_gc_threshold};
  return s;
}

base::Result<model::Node> Agent::make_node() const {
  const config::AgentConfig& c = options_.config;
  model::Node node;
  node.name = name_;
  node.datacenter = c.datacenter;
  node.node_class = c.client.node_class;
  node.node_pool = c.client.node_pool;
  node.meta = c.client.meta;
  node.http_addr = endpoints_.http_advertise.to_string();
  node.cgroup_parent = c.client.cgroup_parent;
  node.eligible = !c.client.default_ineligible;
  node.resources.min_dynamic_port = c.client.min_dynamic_port;
  node.resources.max_dynamic_port = c.client.max_dynamic_port;
  node.reserved.cpu.shares = c.client.reserved.cpu_mhz;
  node.reserved.memory.mb = c.client.reserved.memory_mb;
  node.reserved.disk.mb = c.client.reserved.disk_mb;
  node.reserved.networks.host_ports = c.client.reserved.reserved_ports;
  for (const auto& [name, volume] : c.client.host_volumes) {
    if (!world_.disk.exists(volume.path))
      return base::invalid(fmt::format("client.host_volume \"{}\": {} does not exist", name,
                                       base::printable(volume.path, 256)));
    node.host_volumes[name] = {volume.path, volume.read_only, "", {}};
  }
  client::FingerprintConfig print;
  print.alloc_dir = c.client.alloc_dir.empty() ? data_dir_ + "/alloc" : c.client.alloc_dir;
  print.network_interface = c.client.network_interface;
  print.version = nomad_version;
  print.cpu_mhz_override = c.client.cpu_total_compute;
  print.memory_mb_override = c.client.memory_total_mb;
  print.disk_mb_override = c.client.disk_total_mb;
  TRY_VOID(client::fingerprint_host(node, print));
  return node;
}

base::Result<std::map<std::string, std::unique_ptr<driver::Driver>>> Agent::make_drivers(
    const model::Node& node) {
  const config::AgentConfig& c = options_.config;
  const auto option = c.client.options.find("driver.raw_exec.enable");
  const bool by_option =
      option != c.client.options.end() && (option->second == "1" || option->second == "true");
  std::map<std::string, std::unique_ptr<driver::Driver>> drivers;
  drivers["raw_exec"] = std::make_unique<driver::RawExec>(
      *supervisors_, by_option || plugin_flag(c, "raw_exec", "enabled"));
  const std::string state = c.client.state_dir.empty() ? data_dir_ + "/client" : c.client.state_dir;
  const std::string runs = state + "/run";
  driver::ExecOptions exec = exec_options(c, environment_);
  exec.trial_dir = runs + "/trial";
  drivers["exec"] = std::make_unique<driver::Exec>(world_, *supervisors_, std::move(exec));
  TRY(driver::docker::Options docker, docker_options(c, environment_, node, log_));
  docker.holder_program = state + "/caravan-holder";
  drivers["docker"] = std::make_unique<driver::docker::Docker>(world_, std::move(docker), runs,
                                                               log_.named("client.driver.docker"));
  if (options_.dev) drivers["mock_driver"] = std::make_unique<driver::Mock>(world_);
  return drivers;
}

client::FetchConfig Agent::fetch_config(const std::string& state_dir) const {
  const config::ArtifactConfig& c = options_.config.client.artifact;
  client::FetchConfig fetch;
  fetch.program = state_dir + "/caravan-fetch";
  fetch.timeout = c.http_read_timeout;
  fetch.bytes_max = static_cast<std::uint64_t>(c.http_max_size.count);
  fetch.files_max = static_cast<std::uint64_t>(std::max(0, c.decompression_file_count_limit));
  fetch.unpacked_bytes_max = static_cast<std::uint64_t>(c.decompression_size_limit.count);
  fetch.isolated = !c.disable_filesystem_isolation;
  fetch.readable = c.filesystem_isolation_extra_paths;
  if (options_.dev) fetch.readable.push_back("/");  // its jobs may read all of this host anyway
  fetch.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "TMPDIR=/tmp"};
  for (const std::string& name : base::split(c.set_environment_variables, ','))
    if (const auto found = environment_.find(std::string(base::trim(name)));
        found != environment_.end())
      fetch.environment.push_back(found->first + "=" + found->second);
  return fetch;
}

client::NetworkConfig Agent::network_config(const std::string& state_dir) const {
  const config::ClientConfig& c = options_.config.client;
  client::NetworkConfig network;
  network.cni.path = base::split(c.cni_path, ':');
  network.cni.config_dir = c.cni_config_dir;
  network.cni.supervisor = state_dir + "/caravan-supervisor";
  network.bridge = {c.bridge_network_name, c.bridge_network_subnet, c.bridge_network_hairpin_mode};
  network.records_dir = state_dir + "/networks";
  network.any_address = c.bind_wildcard_default_host_network;
  return network;
}

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

api::nomad::AgentFace Agent::face() const {
  const config::AgentConfig& c = options_.config;
  api::nomad::AgentFace face;
  face.name = name_;
  face.region = c.region;
  face.datacenter = c.datacenter;
  face.version = nomad_version;
  face.http_address = endpoints_.http_advertise.to_string();
  face.rpc_address = endpoints_.rpc_advertise.to_string();
  face.serf_address = endpoints_.serf_advertise.to_string();
  face.has_server = server_ != nullptr;
  face.has_client = client_ != nullptr;
  face.server_ok = [this] { return server_->is_leading(); };
  face.client_ok = [this] { return client_->in_contact(); };
  face.config = json::Object{
      {"Region", c.region},
      {"Datacenter", c.datacenter},
      {"NodeName", name_},
      {"DataDir", data_dir_},
      {"LogLevel", c.log.level},
      {"BindAddr", c.bind_addr},
      {"EnableDebug", c.enable_debug},
      {"DevMode", options_.dev},
      {"Ports", json::Object{{"HTTP", c.ports.http}, {"RPC", c.ports.rpc}, {"Serf", c.ports.serf}}},
      {"AdvertiseAddrs",
       json::Object{
           {"HTTP", face.http_address}, {"RPC", face.rpc_address}, {"Serf", face.serf_address}}},
      {"ACL", json::Object{{"Enabled", c.acl.enabled}}},
      {"Server",
       json::Object{{"Enabled", c.server.enabled}, {"BootstrapExpect", c.server.bootstrap_expect}}},
      {"Client", json::Object{{"Enabled", c.client.enabled}, {"NodeClass", c.client.node_class}}},
      {"Version", json::Object{{"Version", nomad_version},
                               {"Revision", version},
                               {"VersionPrerelease", ""},
                               {"VersionMetadata", "caravan"}}},
      {"Secure", c.acl.enabled}};
  face.stats = [this] {
    json::Object stats;
    stats["caravan"] = json::Object{{"server", server_ ? "true" : "false"},
                                    {"client", client_ ? "true" : "false"},
                                    {"version", version}};
    if (server_) {
      const consensus::Replica& raft = server_->replica();
      stats["nomad"] = json::Object{{"leader", raft.is_leader() ? "true" : "false"},
                                    {"server", "true"},
                                    {"bootstrap", "true"},
                                    {"known_regions", "1"}};
      stats["raft"] =
          json::Object{{"state", raft.is_leader() ? "Leader" : "Follower"},
                       {"term", fmt::format("{}", raft.term())},
                       {"applied_index", fmt::format("{}", raft.applied())},
                       {"commit_index", fmt::format("{}", raft.commit_index())},
                       {"last_snapshot_index", fmt::format("{}", raft.snapshot_index())}};
    }
    if (client_)
      stats["client"] =
          json::Object{{"node_id", client_->node().id.to_string()},
                       {"num_allocations", fmt::format("{}", client_->allocs().size())}};
    return json::Value(stats);
  };
  return face;
}

io::Task<base::Status> Agent::start() {
  CO_TRY_VOID(world_.disk.make_dirs(data_dir_, 0711));
  server_ = std::make_unique<server::Server>(world_, server_config(), peers_, log_.named("server"));
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
  router_->add(api::nomad::scheduler_config_routes(readers, server_->operators()));
  router_->add(api::nomad::event_routes(readers, server_->events()));
  router_->add(api::nomad::search_routes(readers));
  router_->add(api::nomad::allocation_routes(readers, server_->jobs()));
  router_->add(api::nomad::evaluation_routes(readers));
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
  if (client_) co_await io::on(lane, stop_there(*client_));
  co_await server_->stop();
}

}  // namespace caravan::agent
