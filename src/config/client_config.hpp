// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/server_config.hpp"

namespace caravan::config {

struct HostVolume {
  std::string path;
  bool read_only = false;
};
template <class V>
void keys(V& v, HostVolume& h) {
  v("path", h.path);
  v("read_only", h.read_only);
}

/// Devices of the host by the operator's word; a Caravan extension (docs/adr/0021-devices.md).
struct DeviceInstance {
  std::vector<std::string> paths;  // "/dev/x", "/dev/x:/dev/inside", "/dev/x:/dev/inside:rw"
  std::map<std::string, std::string> env;
  std::string pci_bus_id;
};
template <class V>
void keys(V& v, DeviceInstance& d) {
  v("paths", d.paths);
  v("env", d.env);
  v("pci_bus_id", d.pci_bus_id);
}

struct DeviceGroup {
  std::map<std::string, DeviceInstance> instances;
  std::vector<std::string> paths;
  std::map<std::string, std::string> attributes, env;
};
template <class V>
void keys(V& v, DeviceGroup& d) {
  v.labelled("instance", d.instances);
  v("paths", d.paths);
  v("attributes", d.attributes);
  v("env", d.env);
}

struct HostNetwork {
  std::string cidr, interface, reserved_ports;
};
template <class V>
void keys(V& v, HostNetwork& h) {
  v("cidr", h.cidr);
  v("interface", h.interface);
  v("reserved_ports", h.reserved_ports);
}

/// Kept back from scheduling.
struct Reserved {
  int cpu_mhz = 0;
  std::string cores;  // a set, "0-1,4"
  int memory_mb = 0;
  int disk_mb = 0;
  std::string reserved_ports;  // a set, "22,8500-8600"
};
template <class V>
void keys(V& v, Reserved& r) {
  v("cpu", r.cpu_mhz);
  v("cores", r.cores);
  v("memory", r.memory_mb);
  v("disk", r.disk_mb);
  v("reserved_ports", r.reserved_ports);
}

struct DrainOnShutdown {
  base::Duration deadline = 1h;
  bool force = false;
  bool ignore_system_jobs = false;
};
template <class V>
void keys(V& v, DrainOnShutdown& d) {
  v("deadline", d.deadline);
  v("force", d.force);
  v("ignore_system_jobs", d.ignore_system_jobs);
}

struct RetryConfig {
  int attempts = 12;
  base::Duration backoff = 250ms;
  base::Duration max_backoff = 1min;
};
template <class V>
void keys(V& v, RetryConfig& r) {
  v("attempts", r.attempts);
  v("backoff", r.backoff);
  v("max_backoff", r.max_backoff);
}

struct WaitRange {
  base::Duration min = 5s;
  base::Duration max = 4min;
};
template <class V>
void keys(V& v, WaitRange& w) {
  v("min", w.min);
  v("max", w.max);
}

struct TemplateConfig {
  std::vector<std::string> function_denylist = {"executeTemplate", "plugin", "writeToFile"};
  bool disable_file_sandbox = false;
  base::Duration max_stale = 87600h;
  base::Duration block_query_wait = 5min;
  WaitRange wait;
  json::Value wait_bounds;
  RetryConfig consul_retry, vault_retry, nomad_retry;
  base::Duration vault_default_lease_duration = 5min;
  bool use_client_consul_token = false;
};
template <class V>
void keys(V& v, TemplateConfig& t) {
  v("function_denylist", t.function_denylist);
  v("disable_file_sandbox", t.disable_file_sandbox);
  v("max_stale", t.max_stale);
  v("block_query_wait", t.block_query_wait);
  v("wait", t.wait);
  v("wait_bounds", t.wait_bounds);
  v("consul_retry", t.consul_retry);
  v("vault_retry", t.vault_retry);
  v("nomad_retry", t.nomad_retry);
  v("vault_default_lease_duration", t.vault_default_lease_duration);
  v("use_client_consul_token", t.use_client_consul_token);
  v.any("function_blacklist");
}

struct ArtifactConfig {
  base::Duration http_read_timeout = 30min;
  Bytes http_max_size{100'000'000'000};
  base::Duration gcs_timeout = 30min, git_timeout = 30min, hg_timeout = 30min, s3_timeout = 30min;
  int decompression_file_count_limit = 4096;
  Bytes decompression_size_limit{100'000'000'000};
  bool disable_artifact_inspection = false;
  bool disable_filesystem_isolation = false;
  std::vector<std::string> filesystem_isolation_extra_paths;
  std::string set_environment_variables;
};
template <class V>
void keys(V& v, ArtifactConfig& a) {
  v("http_read_timeout", a.http_read_timeout);
  v("http_max_size", a.http_max_size);
  v("gcs_timeout", a.gcs_timeout);
  v("git_timeout", a.git_timeout);
  v("hg_timeout", a.hg_timeout);
  v("s3_timeout", a.s3_timeout);
  v("decompression_file_count_limit", a.decompression_file_count_limit);
  v("decompression_size_limit", a.decompression_size_limit);
  v("disable_artifact_inspection", a.disable_artifact_inspection);
  v("disable_filesystem_isolation", a.disable_filesystem_isolation);
  v("filesystem_isolation_extra_paths", a.filesystem_isolation_extra_paths);
  v("set_environment_variables", a.set_environment_variables);
}

struct UsersConfig {
  int dynamic_user_min = 80'000;
  int dynamic_user_max = 89'999;
};
template <class V>
void keys(V& v, UsersConfig& u) {
  v("dynamic_user_min", u.dynamic_user_min);
  v("dynamic_user_max", u.dynamic_user_max);
}

struct ClientConfig {
  bool enabled = false;
  std::string state_dir, alloc_dir, alloc_mounts_dir;  // empty: under data_dir
  std::string host_volumes_dir, host_volume_plugin_dir, common_plugin_dir;
  std::vector<std::string> servers;
  JoinConfig server_join;
  std::string node_class;
  std::string node_pool = "default";
  std::map<std::string, std::string> meta, options, chroot_env;
  std::string network_interface, preferred_address_family;
  int network_speed = 0;
  int cpu_total_compute = 0, memory_total_mb = 0, disk_total_mb = 0, disk_free_mb = 0;
  std::string reservable_cores;
  Reserved reserved;
  base::Duration max_kill_timeout = 30s;
  int client_min_port = 14000, client_max_port = 14512;
  int min_dynamic_port = 20000, max_dynamic_port = 32000;
  base::Duration gc_interval = 1min;
  int gc_parallel_destroys = 2;
  double gc_disk_usage_threshold = 80, gc_inode_usage_threshold = 70;  // per cent
  int gc_max_allocs = 50;
  bool gc_volumes_on_node_gc = false;
  bool no_host_uuid = true;
  bool disable_remote_exec = false;
  std::map<std::string, HostVolume> host_volumes;
  std::map<std::string, HostNetwork> host_networks;
  std::map<std::string, DeviceGroup> devices;
  bool bind_wildcard_default_host_network = true;
  std::string cni_path = "/opt/cni/bin:/usr/libexec/cni:/usr/lib/cni";  // the last is Debian's
  std::string cni_config_dir = "/opt/cni/config";
  std::string bridge_network_name = "nomad", bridge_network_subnet = "172.26.64.0/20";
  std::string bridge_network_subnet_ipv6;
  bool bridge_network_hairpin_mode = false;
  std::string cgroup_parent;
  bool nomad_service_discovery = true;
  int node_max_allocs = 0;
  bool default_ineligible = false;
  DrainOnShutdown drain_on_shutdown;  // only when the block was set
  UsersConfig users;
  std::map<std::string, json::Value> fingerprints;
  TemplateConfig templates;
  ArtifactConfig artifact;
};
template <class V>
void keys(V& v, ClientConfig& c) {
  v("enabled", c.enabled);
  v("state_dir", c.state_dir);
  v("alloc_dir", c.alloc_dir);
  v("alloc_mounts_dir", c.alloc_mounts_dir);
  v("host_volumes_dir", c.host_volumes_dir);
  v("host_volume_plugin_dir", c.host_volume_plugin_dir);
  v("common_plugin_dir", c.common_plugin_dir);
  v.append("servers", c.servers);
  v("server_join", c.server_join);
  v("node_class", c.node_class);
  v("node_pool", c.node_pool);
  v("meta", c.meta);
  v("options", c.options);
  v("chroot_env", c.chroot_env);
  v("network_interface", c.network_interface);
  v("preferred_address_family", c.preferred_address_family);
  v("network_speed", c.network_speed);
  v("cpu_total_compute", c.cpu_total_compute);
  v("memory_total_mb", c.memory_total_mb);
  v("disk_total_mb", c.disk_total_mb);
  v("disk_free_mb", c.disk_free_mb);
  v("reservable_cores", c.reservable_cores);
  v("reserved", c.reserved);
  v("max_kill_timeout", c.max_kill_timeout);
  v("client_min_port", c.client_min_port);
  v("client_max_port", c.client_max_port);
  v("min_dynamic_port", c.min_dynamic_port);
  v("max_dynamic_port", c.max_dynamic_port);
  v("gc_interval", c.gc_interval);
  v("gc_parallel_destroys", c.gc_parallel_destroys);
  v("gc_disk_usage_threshold", c.gc_disk_usage_threshold);
  v("gc_inode_usage_threshold", c.gc_inode_usage_threshold);
  v("gc_max_allocs", c.gc_max_allocs);
  v("gc_volumes_on_node_gc", c.gc_volumes_on_node_gc);
  v("no_host_uuid", c.no_host_uuid);
  v("disable_remote_exec", c.disable_remote_exec);
  v.labelled("host_volume", c.host_volumes);
  v.labelled("host_network", c.host_networks);
  v.labelled("device", c.devices);
  v("bind_wildcard_default_host_network", c.bind_wildcard_default_host_network);
  v("cni_path", c.cni_path);
  v("cni_config_dir", c.cni_config_dir);
  v("bridge_network_name", c.bridge_network_name);
  v("bridge_network_subnet", c.bridge_network_subnet);
  v("bridge_network_subnet_ipv6", c.bridge_network_subnet_ipv6);
  v("bridge_network_hairpin_mode", c.bridge_network_hairpin_mode);
  v("cgroup_parent", c.cgroup_parent);
  v("nomad_service_discovery", c.nomad_service_discovery);
  v("node_max_allocs", c.node_max_allocs);
  v("default_ineligible", c.default_ineligible);
  v("drain_on_shutdown", c.drain_on_shutdown);
  v("users", c.users);
  v.labelled("fingerprint", c.fingerprints);
  v("template", c.templates);
  v("artifact", c.artifact);
  v.any("log_file");
}

}  // namespace caravan::config
