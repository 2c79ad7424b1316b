// SPDX-License-Identifier: Apache-2.0
// The list of keys that do something; whoever builds one adds its row, and the agent warns of every
// other key that is set. A list of those without effect would hide whatever it forgot.
#include <array>

#include "base/text.hpp"
#include "config/load.hpp"

namespace caravan::config {
namespace {

// A `*` stands for anything.
constexpr std::array with_effect = {
    "acl.enabled",
    "acl.replication_token",
    "acl.token_max_expiration_ttl",
    "acl.token_min_expiration_ttl",
    "addresses.http",
    "advertise.*",
    "audit.*",
    "autopilot.cleanup_dead_servers",
    "autopilot.max_trailing_logs",
    "autopilot.min_quorum",
    "autopilot.server_stabilization_time",
    "bind_addr",
    "catalog.addresses.*",
    "catalog.default_token",
    "catalog.dns_config.a_record_limit",
    "catalog.dns_config.enable_additional_node_meta_txt",
    "catalog.dns_config.enable_truncate",
    "catalog.dns_config.node_ttl",
    "catalog.dns_config.only_passing",
    "catalog.dns_config.recursor_strategy",
    "catalog.dns_config.recursor_timeout",
    "catalog.dns_config.service_ttl*",
    "catalog.dns_config.soa.*",
    "catalog.dns_config.udp_answer_limit",
    "catalog.domain",
    "catalog.enable_script_checks",
    "catalog.enabled",
    "catalog.native_domain",
    "catalog.node_meta*",
    "catalog.ports.*",
    "catalog.reconnect_timeout",
    "catalog.recursors",
    "catalog.watches",
    "client.alloc_dir",
    "client.artifact.decompression_*",
    "client.artifact.disable_filesystem_isolation",
    "client.artifact.filesystem_isolation_extra_paths",
    "client.artifact.http_*",
    "client.artifact.set_environment_variables",
    "client.bind_wildcard_default_host_network",
    "client.bridge_network_hairpin_mode",
    "client.bridge_network_name",
    "client.bridge_network_subnet",
    "client.cgroup_parent",
    "client.chroot_env*",
    "client.cni_config_dir",
    "client.cni_path",
    "client.cpu_total_compute",
    "client.default_ineligible",
    "client.disk_total_mb",
    "client.enabled",
    "client.host_volume*",
    "client.max_dynamic_port",
    "client.max_kill_timeout",
    "client.memory_total_mb",
    "client.meta*",
    "client.min_dynamic_port",
    "client.network_interface",
    "client.node_class",
    "client.node_pool",
    "client.options.docker.auth.config",
    "client.options.docker.auth.helper",
    "client.options.docker.privileged.enabled",
    "client.options.docker.volumes.enabled",
    "client.options.driver.raw_exec.enable",
    "client.options",
    "client.reserved.cpu",
    "client.reserved.disk",
    "client.reserved.memory",
    "client.reserved.reserved_ports",
    "client.server_join.*_join",
    "client.servers",
    "client.state_dir",
    "consul.address",
    "consul.auth",
    "consul.auto_advertise",
    "consul.ca_file",
    "consul.cert_file",
    "consul.client_service_name",
    "consul.enabled",
    "consul.key_file",
    "consul.server_service_name",
    "consul.ssl",
    "consul.tags",
    "consul.timeout",
    "consul.token",
    "consul.verify_ssl",
    "data_dir",
    "datacenter",
    "gitops",
    "gitops.*",
    "ingress",
    "ingress.*",
    "keyring.*",
    "leave_on_interrupt",
    "leave_on_terminate",
    "limits.http_max_conns_per_client",
    "log_level",
    "name",
    "plugin.docker*",  // the driver says which of its own have no effect
    "plugin.exec*",
    "plugin.raw_exec*",
    "ports.*",
    "region",
    "server.acl_token_gc_threshold",
    "server.client_introduction*",
    "server.authoritative_region",
    "server.batch_eval_gc_threshold",
    "server.bootstrap_expect",
    "limits.https_handshake_timeout",
    "server.data_dir",
    "server.default_scheduler_config*",
    "server.deployment_gc_threshold",
    "server.enabled",
    "server.enable_event_broker",
    "server.encrypt",
    "server.eval_gc_threshold",
    "server.event_buffer_size",
    "server.heartbeat_grace",
    "server.job_gc_interval",
    "server.job_gc_threshold",
    "server.min_heartbeat_ttl",
    "server.node_gc_threshold",
    "server.num_schedulers",
    "server.oidc_issuer",
    "server.raft_snapshot_threshold",
    "server.root_key_rotation_threshold",
    "server.server_join.*_join",
    "telemetry.prometheus_metrics",  // it is always on
    "tls.ca_file",
    "tls.cert_file",
    "tls.http",
    "tls.key_file",
    "tls.rpc",
    "tls.tls_min_version",
    "tls.verify_https_client",
    "tls.verify_server_hostname",
};

/// Blocks are listed by their keys, not once more by themselves.
bool has_keys_inside(const SetKeys& set, const std::string& key) {
  const auto next = set.upper_bound(key + ".");
  return next != set.end() && next->first.starts_with(key + ".");
}

}  // namespace

std::vector<std::string> without_effect(const SetKeys& set,
                                        std::span<const char* const> with_effect) {
  std::vector<std::string> found;
  for (const auto& [key, place] : set) {
    if (has_keys_inside(set, key)) continue;
    const bool works = std::ranges::any_of(
        with_effect, [&](const char* pattern) { return base::glob_match(pattern, key); });
    if (!works) found.push_back(place + ": " + key);
  }
  return found;
}

std::vector<std::string> not_built(const AgentConfig& config) {
  return without_effect(config.set, with_effect);
}

}  // namespace caravan::config
