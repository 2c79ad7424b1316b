// SPDX-License-Identifier: Apache-2.0
// The configuration in the words of the parts it is for.
#include <thread>

#include <fmt/core.h>

#include "agent/agent.hpp"
#include "agent/foreign.hpp"
#include "base/text.hpp"
#include "client/fingerprint.hpp"

namespace caravan::agent {

server::ServerConfig Agent::server_config() const {
  const config::ServerConfig& c = options_.config.server;
  server::ServerConfig s;
  s.data_dir = c.data_dir.empty() ? data_dir_ + "/server" : c.data_dir;
  s.schedulers = c.num_schedulers > 0 ? static_cast<std::size_t>(c.num_schedulers)
                                      : std::max(1u, std::thread::hardware_concurrency());
  if (options_.config.is_set("server.raft_snapshot_threshold"))
    s.replica.snapshot_entries = static_cast<std::uint64_t>(c.raft_snapshot_threshold);
  if (options_.config.is_set("server.min_heartbeat_ttl")) s.heartbeat.ttl = c.min_heartbeat_ttl;
  if (options_.config.is_set("server.heartbeat_grace")) s.heartbeat.grace = c.heartbeat_grace;
  if (options_.config.is_set("server.root_key_rotation_threshold"))
    s.keys.rotation = c.root_key_rotation_threshold;
  s.datacenter = options_.config.datacenter;
  s.issuer = {options_.config.region, c.oidc_issuer};
  s.events = {c.enable_event_broker, static_cast<std::size_t>(std::max(c.event_buffer_size, 1))};
  s.collector = {c.job_gc_interval,       c.eval_gc_threshold, c.batch_eval_gc_threshold,
                 c.job_gc_threshold,      c.node_gc_threshold, c.deployment_gc_threshold,
                 c.acl_token_gc_threshold};
  const config::AclConfig& access = options_.config.acl;
  if (c.authoritative_region != options_.config.region)
    s.replication = {c.authoritative_region, access.replication_token, access.enabled, {}};
  s.access = {access.enabled, access.token_min_expiration_ttl, access.token_max_expiration_ttl};
  if (options_.config.is_set("server.client_introduction")) {
    const config::ClientIntroduction& introduction = c.client_introduction;
    using Enforcement = server::IntroductionsConfig::Enforcement;
    s.introductions.enforcement = introduction.enforcement == "strict" ? Enforcement::strict
                                  : introduction.enforcement == "warn" ? Enforcement::warn
                                                                       : Enforcement::none;
    s.introductions.ttl_default = introduction.default_identity_ttl;
    s.introductions.ttl_max = introduction.max_identity_ttl;
  }
  return s;
}

namespace {

model::AutopilotConfig autopilot_rules(const config::AutopilotConfig& given) {
  model::AutopilotConfig rules;
  rules.cleanup_dead_servers = given.cleanup_dead_servers;
  rules.last_contact_max = given.last_contact_threshold;
  rules.stabilization = given.server_stabilization_time;
  rules.trailing_max = static_cast<std::uint64_t>(std::max(given.max_trailing_logs, 0));
  rules.min_quorum = static_cast<std::uint64_t>(std::max(given.min_quorum, 0));
  return rules;
}

/// Of a list of join addresses, whose port may be left out.
std::vector<io::Address> parse_addresses(const std::vector<std::string>& texts,
                                         std::uint16_t default_port) {
  std::vector<io::Address> all;
  for (const std::string& text : texts)
    if (const auto endpoint = config::parse_endpoint(text, default_port))
      all.push_back({endpoint->host, static_cast<std::uint16_t>(endpoint->port), false});
  return all;
}

io::Address to_address(const config::Endpoint& endpoint) {
  return {endpoint.host, static_cast<std::uint16_t>(endpoint.port), false};
}

}  // namespace

ServerPartConfig Agent::server_part_config() const {
  const config::AgentConfig& c = options_.config;
  ServerPartConfig part;
  part.server = server_config();
  wire::ServerInfo& self = part.cluster.self;
  self.name = name_;
  self.rpc_address = endpoints_.rpc_advertise.to_string();
  self.http_address = endpoints_.http_advertise.to_string();
  self.region = c.region;
  self.datacenter = c.datacenter;
  self.version = version;
  std::vector<std::string> join = c.server.server_join.retry_join;
  join.insert(join.end(), c.server.server_join.start_join.begin(),
              c.server.server_join.start_join.end());
  const auto serf_port = static_cast<std::uint16_t>(c.ports.serf);
  part.cluster.join.addresses = parse_addresses(join, serf_port);
  const std::vector<io::Address> own{to_address(endpoints_.rpc_advertise),
                                     to_address(endpoints_.serf_advertise)};
  std::erase_if(part.cluster.join.addresses, [&](const io::Address& address) {
    return std::ranges::find(own, address) != own.end();
  });
  // One that expects nobody and knows nobody is a cluster by itself.
  part.is_alone = c.server.bootstrap_expect == 1 ||
                  (c.server.bootstrap_expect == 0 && part.cluster.join.addresses.empty());
  self.expect = part.is_alone ? 1 : c.server.bootstrap_expect;
  part.server.autopilot_defaults = part.cluster.autopilot.rules = autopilot_rules(c.autopilot);
  part.cluster.gossip.advertise = to_address(endpoints_.serf_advertise);
  part.cluster.gossip.encrypt = c.server.encrypt;
  part.silent_agents_kept = c.catalog.reconnect_timeout;
  if (!options_.dev) part.cluster.gossip.listen = to_address(endpoints_.serf_listen);
  if (!options_.dev)
    part.listen = {to_address(endpoints_.rpc_listen), to_address(endpoints_.serf_listen)};
  return part;
}

std::vector<io::Address> Agent::known_servers() const {
  std::vector<std::string> texts = options_.config.client.servers;
  const config::JoinConfig& join = options_.config.client.server_join;
  texts.insert(texts.end(), join.retry_join.begin(), join.retry_join.end());
  texts.insert(texts.end(), join.start_join.begin(), join.start_join.end());
  return parse_addresses(texts, static_cast<std::uint16_t>(options_.config.ports.rpc));
}

base::Status Agent::make_transport() {
  TRY_VOID(certificates_.load());
  transport_ = std::make_unique<rpc::TlsTransport>([this] { return certificates_.of_agents(); },
                                                   certificates_.checked_region());
  return {};
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
  if (foreign_) {
    for (const auto& [name, value] : foreign_->attributes)
      node.attributes[name] = value;
    return node;
  }
  if (!c.has_catalog()) return node;
  node.attributes["consul.version"] = consul_version;
  node.attributes["consul.datacenter"] = c.datacenter;
  node.attributes["consul.server"] = c.server.enabled ? "true" : "false";
  node.attributes["unique.consul.name"] = name_;
  return node;
}

base::Result<client::Devices> Agent::declared_devices() const {
  client::Devices devices;
  const auto nodes = [](const std::string& where, const std::vector<std::string>& paths)
      -> base::Result<std::vector<driver::TaskSpec::Device>> {
    std::vector<driver::TaskSpec::Device> list;
    for (const std::string& path : paths) {
      auto device = client::parse_device_path(path);
      if (!device) return base::invalid(where + ".paths: " + device.error().message);
      list.push_back(*std::move(device));
    }
    return list;
  };
  for (const auto& [name, declared] : options_.config.client.devices) {
    const std::string at = fmt::format("client.device \"{}\"", base::printable(name, 128));
    client::DeviceGroup& group = devices[name];
    group.attributes = declared.attributes;
    group.env = declared.env;
    TRY(group.nodes, nodes(at, declared.paths));
    for (const auto& [id, instance] : declared.instances) {
      client::DeviceInstance& known = group.instances[id];
      known.env = instance.env;
      known.pci_bus_id = instance.pci_bus_id;
      TRY(known.nodes,
          nodes(fmt::format("{}.instance \"{}\"", at, base::printable(id, 128)), instance.paths));
    }
  }
  return devices;
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

/// Of the `gitops` block. Errors: invalid, with its key.
base::Result<gitops::Settings> Agent::gitops_settings() const {
  const config::GitopsConfig& c = options_.config.gitops;
  gitops::Settings settings;
  if (!options_.config.is_set("gitops")) return settings;
  settings = {.url = c.url,
              .folder = c.folder,
              .branch = c.branch,
              .path = c.path,
              .var_path = c.var_path,
              .prune = c.prune,
              .interval = c.interval,
              .username = c.username,
              .password = c.password,
              .ssh_key = c.ssh_key,
              .known_hosts = c.known_hosts,
              .any_host_key = c.any_host_key,
              .token = c.token};
  if (const base::Status wrong = gitops::check(settings); !wrong)
    return base::invalid("gitops: " + wrong.error().message);
  return settings;
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

}  // namespace caravan::agent
