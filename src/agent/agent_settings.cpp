// SPDX-License-Identifier: Apache-2.0
// The configuration in the words of the parts it is for.
#include <thread>

#include <fmt/core.h>

#include "agent/agent.hpp"
#include "base/text.hpp"
#include "client/fingerprint.hpp"

namespace caravan::agent {

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

}  // namespace caravan::agent
