// SPDX-License-Identifier: Apache-2.0
// The configuration of `consul agent`, in the form of Consul's files, and what it means here: an
// agent that keeps the registry and schedules nothing.
#pragma once

#include <string>
#include <vector>

#include "config/agent_config.hpp"
#include "hcl/diagnostic.hpp"

namespace caravan::config {

struct ConsulPorts {
  int http = 8500, https = -1, dns = 8600, server = 8300, serf_lan = 8301;
  int serf_wan = 8302, grpc = -1, grpc_tls = -1;
};
template <class V>
void keys(V& v, ConsulPorts& p) {
  v("http", p.http);
  v("https", p.https);
  v("dns", p.dns);
  v("server", p.server);
  v("serf_lan", p.serf_lan);
  v("serf_wan", p.serf_wan);
  v("grpc", p.grpc);
  v("grpc_tls", p.grpc_tls);
  for (const char* key :
       {"sidecar_min_port", "sidecar_max_port", "expose_min_port", "expose_max_port"})
    v.any(key);
}

/// What to listen on, when it is not `client_addr`.
struct ConsulAddresses {
  std::string http, https, dns, grpc;
};
template <class V>
void keys(V& v, ConsulAddresses& a) {
  v("http", a.http);
  v("https", a.https);
  v("dns", a.dns);
  v("grpc", a.grpc);
}

struct ConsulTokens {
  std::string initial_management, master, agent, def;
};
template <class V>
void keys(V& v, ConsulTokens& t) {
  v("initial_management", t.initial_management);
  v("master", t.master);
  v("agent", t.agent);
  v("default", t.def);
  for (const char* key :
       {"replication", "agent_recovery", "agent_master", "config_file_service_registration"})
    v.any(key);
}

struct ConsulAcl {
  bool enabled = false;
  std::string default_policy = "allow";
  bool enable_token_persistence = false;
  ConsulTokens tokens;
};
template <class V>
void keys(V& v, ConsulAcl& a) {
  v("enabled", a.enabled);
  v("default_policy", a.default_policy);
  v("enable_token_persistence", a.enable_token_persistence);
  v("tokens", a.tokens);
  for (const char* key : {"down_policy", "policy_ttl", "role_ttl", "token_ttl",
                          "enable_token_replication", "enable_key_list_policy"})
    v.any(key);
}

/// Of all connections, or of one kind of them.
struct ConsulTls {
  std::string ca_file, cert_file, key_file;
  bool verify_incoming = false, verify_outgoing = false, verify_server_hostname = false;
};
template <class V>
void keys(V& v, ConsulTls& t) {
  v("ca_file", t.ca_file);
  v("cert_file", t.cert_file);
  v("key_file", t.key_file);
  v("verify_incoming", t.verify_incoming);
  v("verify_outgoing", t.verify_outgoing);
  v("verify_server_hostname", t.verify_server_hostname);
  for (const char* key : {"ca_path", "tls_min_version", "tls_cipher_suites"})
    v.any(key);
}

struct ConsulTlsBlocks {
  ConsulTls defaults, internal_rpc, https, grpc;
};
template <class V>
void keys(V& v, ConsulTlsBlocks& t) {
  v("defaults", t.defaults);
  v("internal_rpc", t.internal_rpc);
  v("https", t.https);
  v("grpc", t.grpc);
}

struct ConsulForm {
  std::string datacenter = "dc1", data_dir, node_name;
  bool server = false, bootstrap = false;
  int bootstrap_expect = 0;
  std::string bind_addr = "0.0.0.0", client_addr = "127.0.0.1", advertise_addr;
  ConsulPorts ports;
  ConsulAddresses addresses;
  std::vector<std::string> retry_join, start_join, recursors;
  std::string encrypt, domain = "consul", log_level = "INFO", log_file;
  bool log_json = false;
  DnsConfig dns_config;
  bool enable_script_checks = false, enable_local_script_checks = false;
  bool leave_on_terminate = false, skip_leave_on_interrupt = false;
  std::map<std::string, std::string> node_meta;
  ConsulAcl acl;
  ConsulTls tls_at_top;  // where older files have it
  bool verify_incoming_rpc = false, verify_incoming_https = false;
  ConsulTlsBlocks tls;
  AutopilotConfig autopilot;
  base::Duration reconnect_timeout = CatalogConfig().reconnect_timeout;
  std::vector<json::Value> service, services, check, checks, watches;

  SetKeys set;
};
template <class V>
void keys(V& v, ConsulForm& c) {
  v("datacenter", c.datacenter);
  v("data_dir", c.data_dir);
  v("node_name", c.node_name);
  v("server", c.server);
  v("bootstrap", c.bootstrap);
  v("bootstrap_expect", c.bootstrap_expect);
  v("bind_addr", c.bind_addr);
  v("client_addr", c.client_addr);
  v("advertise_addr", c.advertise_addr);
  v("ports", c.ports);
  v("addresses", c.addresses);
  v.append("retry_join", c.retry_join);
  v.append("start_join", c.start_join);
  v.append("recursors", c.recursors);
  v("encrypt", c.encrypt);
  v("domain", c.domain);
  v("log_level", c.log_level);
  v("log_file", c.log_file);
  v("log_json", c.log_json);
  v("dns_config", c.dns_config);
  v("enable_script_checks", c.enable_script_checks);
  v("enable_local_script_checks", c.enable_local_script_checks);
  v("leave_on_terminate", c.leave_on_terminate);
  v("skip_leave_on_interrupt", c.skip_leave_on_interrupt);
  v("node_meta", c.node_meta);
  v("acl", c.acl);
  v("ca_file", c.tls_at_top.ca_file);
  v("cert_file", c.tls_at_top.cert_file);
  v("key_file", c.tls_at_top.key_file);
  v("verify_incoming", c.tls_at_top.verify_incoming);
  v("verify_incoming_rpc", c.verify_incoming_rpc);
  v("verify_incoming_https", c.verify_incoming_https);
  v("verify_outgoing", c.tls_at_top.verify_outgoing);
  v("verify_server_hostname", c.tls_at_top.verify_server_hostname);
  v("tls", c.tls);
  v("autopilot", c.autopilot);
  v("reconnect_timeout", c.reconnect_timeout);
  v.pieces("service", c.service);
  v.pieces("services", c.services);
  v.pieces("check", c.check);
  v.pieces("checks", c.checks);
  v.pieces("watches", c.watches);
  // Known, and without effect: said once at the start.
  for (const char* key : {"advertise_addr_wan",
                          "advertise_addr_ipv4",
                          "advertise_addr_ipv6",
                          "alt_domain",
                          "auto_config",
                          "auto_encrypt",
                          "auto_reload_config",
                          "ca_path",
                          "cache",
                          "check_output_max_size",
                          "check_update_interval",
                          "cloud",
                          "config_entries",
                          "connect",
                          "default_query_time",
                          "disable_anonymous_signature",
                          "disable_coordinates",
                          "disable_host_node_id",
                          "disable_http_unprintable_char_filter",
                          "disable_keyring_file",
                          "disable_remote_exec",
                          "disable_update_check",
                          "discard_check_output",
                          "discovery_max_stale",
                          "enable_agent_tls_for_checks",
                          "enable_central_service_config",
                          "enable_debug",
                          "enable_syslog",
                          "encrypt_verify_incoming",
                          "encrypt_verify_outgoing",
                          "experiments",
                          "gossip_lan",
                          "gossip_wan",
                          "http_config",
                          "license_path",
                          "limits",
                          "log_rotate_bytes",
                          "log_rotate_duration",
                          "log_rotate_max_files",
                          "max_query_time",
                          "node_id",
                          "peering",
                          "performance",
                          "pid_file",
                          "primary_datacenter",
                          "primary_gateways",
                          "protocol",
                          "raft_logstore",
                          "raft_protocol",
                          "raft_snapshot_interval",
                          "raft_snapshot_threshold",
                          "raft_trailing_logs",
                          "read_replica",
                          "rejoin_after_leave",
                          "reporting",
                          "request_limits",
                          "retry_interval",
                          "retry_interval_wan",
                          "retry_join_wan",
                          "retry_max",
                          "retry_max_wan",
                          "rpc",
                          "segment",
                          "segments",
                          "serf_lan",
                          "serf_lan_allowed_cidrs",
                          "serf_wan",
                          "serf_wan_allowed_cidrs",
                          "server_name",
                          "server_rejoin_age_max",
                          "session_ttl_min",
                          "skip_leave_on_interrupt_wan",
                          "start_join_wan",
                          "syslog_facility",
                          "telemetry",
                          "tls_cipher_suites",
                          "tls_min_version",
                          "translate_wan_addrs",
                          "ui",
                          "ui_config",
                          "unix_sockets",
                          "use_streaming_backend",
                          "xds"})
    v.any(key);
}

/// As apply() of the agent's own form.
void apply(ConsulForm& form, std::string file_name, std::string text,
           hcl::Diagnostics& diagnostics);
/// What it means here.
AgentConfig agent_config(const ConsulForm& form);
/// What is asked for and cannot be had, in the words of its keys.
std::vector<std::string> problems(const ConsulForm& form);
/// Keys that were set and have no effect, with their places.
std::vector<std::string> not_built(const ConsulForm& form);

}  // namespace caravan::config
