// SPDX-License-Identifier: Apache-2.0
// The list of keys that are read and do nothing. Whoever builds one takes its row away.
#include <array>

#include "base/text.hpp"
#include "config/load.hpp"

namespace caravan::config {
namespace {

// A `*` stands for anything.
constexpr std::array without_effect = {
    "addresses.serf",
    "artifact.*",
    "audit",
    "client.artifact.*",
    "client.cgroup_parent",
    "client.client_max_port",
    "client.client_min_port",
    "client.common_plugin_dir",
    "client.disk_free_mb",
    "client.fingerprint.*",
    "client.host_volume_plugin_dir",
    "client.log_file",
    "client.network_speed",
    "client.no_host_uuid",
    "client.preferred_address_family",
    "client.template.consul_retry*",
    "client.template.function_blacklist",
    "client.template.max_stale",
    "client.template.use_client_consul_token",
    "client.template.vault_default_lease_duration",
    "client.template.vault_retry*",
    "client.template.wait_bounds",
    "client.users*",
    "consul*",
    "disable_anonymous_signature",
    "disable_update_check",
    "enable_syslog",
    "eventlog",
    "keyring*",
    "license",
    "log_include_location",
    "plugin_dir",
    "reporting",
    "rpc",
    "sentinel",
    "server.client_introduction*",
    "server.csi_*",
    "server.deploy_query_rate_limit",
    "server.license_*",
    "server.non_voting_server",
    "server.oidc_issuer",
    "server.plan_apply_pipeline",
    "server.plan_rejection_tracker*",
    "server.protocol_version",
    "server.raft_boltdb",
    "server.raft_logstore",
    "server.raft_protocol",
    "server.redundancy_zone",
    "server.upgrade_version",
    "syslog_facility",
    "telemetry.allowed_metadata_keys_in_metrics",
    "telemetry.backwards_compatible_metrics",
    "telemetry.circonus_*",
    "telemetry.datadog_*",
    "telemetry.disable_*",
    "telemetry.filter_default",
    "telemetry.include_alloc_metadata_in_metrics",
    "telemetry.prefix_filter",
    "telemetry.statsd_address",
    "telemetry.statsite_address",
    "telemetry.use_node_name",
    "tls.rpc_upgrade_mode",
    "tls.tls_cipher_suites",
    "tls.tls_prefer_server_cipher_suites",
    "ui.*",
    "vault*",
};

/// Blocks are listed by their keys, not once more by themselves.
bool has_keys_inside(const SetKeys& set, const std::string& key) {
  const auto next = set.upper_bound(key + ".");
  return next != set.end() && next->first.starts_with(key + ".");
}

}  // namespace

std::vector<std::string> not_built(const AgentConfig& config) {
  std::vector<std::string> found;
  for (const auto& [key, place] : config.set) {
    if (has_keys_inside(config.set, key)) continue;
    for (const char* pattern : without_effect)
      if (base::glob_match(pattern, key)) {
        found.push_back(place + ": " + key);
        break;
      }
  }
  return found;
}

}  // namespace caravan::config
