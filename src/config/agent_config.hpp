// SPDX-License-Identifier: Apache-2.0
// One agent's configuration: everything that files and flags can say, with its defaults in place.
// Source of names and defaults: Nomad's public agent configuration documentation.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/audit_config.hpp"
#include "config/catalog_config.hpp"
#include "config/client_config.hpp"
#include "config/gitops_config.hpp"
#include "config/ingress_config.hpp"
#include "config/key.hpp"
#include "config/security_config.hpp"
#include "config/server_config.hpp"
#include "config/telemetry_config.hpp"

namespace caravan::config {

struct Ports {
  int http = 4646;
  int rpc = 4647;
  int serf = 4648;
};
template <class V>
void keys(V& v, Ports& p) {
  v("http", p.http);
  v("rpc", p.rpc);
  v("serf", p.serf);
}

/// What to listen on, each; empty means `bind_addr`. `http` may name several, separated by blanks.
struct Addresses {
  std::string http, rpc, serf;
};
template <class V>
void keys(V& v, Addresses& a) {
  v("http", a.http);
  v("rpc", a.rpc);
  v("serf", a.serf);
}

/// What others are told, as host or host:port; empty means the address listened on.
struct Advertise {
  std::string http, rpc, serf;
};
template <class V>
void keys(V& v, Advertise& a) {
  v("http", a.http);
  v("rpc", a.rpc);
  v("serf", a.serf);
}

/// 0 turns a limit off.
struct LimitsConfig {
  base::Duration https_handshake_timeout = 5s;
  int http_max_conns_per_client = 100;
  base::Duration rpc_handshake_timeout = 5s;
  int rpc_max_conns_per_client = 100;
};
template <class V>
void keys(V& v, LimitsConfig& l) {
  v("https_handshake_timeout", l.https_handshake_timeout);
  v("http_max_conns_per_client", l.http_max_conns_per_client);
  v("rpc_handshake_timeout", l.rpc_handshake_timeout);
  v("rpc_max_conns_per_client", l.rpc_max_conns_per_client);
}

struct PluginConfig {
  std::vector<std::string> args;
  json::Value config;  // the driver reads it; blocks are lists of objects
};
template <class V>
void keys(V& v, PluginConfig& p) {
  v("args", p.args);
  v("config", p.config);
}

struct UiConfig {
  bool enabled = true;
  bool show_cli_hints = true;
  json::Value consul, vault, label, content_security_policy;
};
template <class V>
void keys(V& v, UiConfig& u) {
  v("enabled", u.enabled);
  v("show_cli_hints", u.show_cli_hints);
  v("consul", u.consul);
  v("vault", u.vault);
  v("label", u.label);
  v("content_security_policy", u.content_security_policy);
}

struct LogConfig {
  std::string level = "INFO";
  bool json = false;
  std::string file;
  bool include_location = false;
  base::Duration rotate_duration = 24h;
  std::int64_t rotate_bytes = 0;
  int rotate_max_files = 0;
};

struct AgentConfig {
  std::string region = "global";
  std::string datacenter = "dc1";
  std::string name;  // the host's name when empty
  std::string data_dir, plugin_dir;
  std::string bind_addr = "0.0.0.0";
  Ports ports;
  Addresses addresses;
  Advertise advertise;
  LogConfig log;
  bool leave_on_interrupt = false, leave_on_terminate = false;
  bool enable_debug = false;
  bool disable_update_check = false, disable_anonymous_signature = false;
  std::map<std::string, std::string> http_api_response_headers;

  ServerConfig server;
  ClientConfig client;
  AclConfig acl;
  AuditConfig audit;
  TlsConfig tls;
  std::map<std::string, ConsulConfig> consul;  // by cluster; the one without a label is "default"
  std::map<std::string, VaultConfig> vault;
  TelemetryConfig telemetry;
  std::map<std::string, PluginConfig> plugins;
  AutopilotConfig autopilot;
  UiConfig ui;
  LimitsConfig limits;
  std::map<std::string, json::Value> keyring;
  CatalogConfig catalog;
  GitopsConfig gitops;
  IngressConfig ingress;
  /// An agent of the registry alone: it has no API of the scheduler. No file of this form says so.
  bool is_registry = false;
  /// The secret of the first ACL token, where the configuration names it.
  std::string first_token;

  /// Every key that a file said, dotted ("server.enabled"), with where it was said last.
  SetKeys set;
  bool is_set(std::string_view key) const { return set.contains(key); }
  /// The registry is served to Consul's clients where the configuration has a block for it.
  bool has_catalog() const { return is_set("catalog") && catalog.enabled; }
  bool has_ingress() const { return is_set("ingress") && ingress.enabled; }
};
template <class V>
void keys(V& v, AgentConfig& c) {
  v("region", c.region);
  v("datacenter", c.datacenter);
  v("name", c.name);
  v("data_dir", c.data_dir);
  v("plugin_dir", c.plugin_dir);
  v("bind_addr", c.bind_addr);
  v("ports", c.ports);
  v("addresses", c.addresses);
  v("advertise", c.advertise);
  v("log_level", c.log.level);
  v("log_json", c.log.json);
  v("log_file", c.log.file);
  v("log_include_location", c.log.include_location);
  v("log_rotate_duration", c.log.rotate_duration);
  v("log_rotate_bytes", c.log.rotate_bytes);
  v("log_rotate_max_files", c.log.rotate_max_files);
  v("leave_on_interrupt", c.leave_on_interrupt);
  v("leave_on_terminate", c.leave_on_terminate);
  v("enable_debug", c.enable_debug);
  v("disable_update_check", c.disable_update_check);
  v("disable_anonymous_signature", c.disable_anonymous_signature);
  v("http_api_response_headers", c.http_api_response_headers);
  v("server", c.server);
  v("client", c.client);
  v("acl", c.acl);
  v("audit", c.audit);
  v("tls", c.tls);
  v.maybe_labelled("consul", c.consul);
  v.maybe_labelled("vault", c.vault);
  v("telemetry", c.telemetry);
  v.labelled("plugin", c.plugins);
  v("autopilot", c.autopilot);
  v("ui", c.ui);
  v("limits", c.limits);
  v.labelled("keyring", c.keyring);
  v("catalog", c.catalog);
  v("gitops", c.gitops);
  v("ingress", c.ingress);
  // The join lists stood at the top once.
  v.append("retry_join", c.server.server_join.retry_join);
  v.append("start_join", c.server.server_join.start_join);
  v("retry_max", c.server.server_join.retry_max);
  v("retry_interval", c.server.server_join.retry_interval);
  for (const char* key :
       {"enable_syslog", "syslog_facility", "eventlog", "rpc", "sentinel", "reporting", "license"})
    v.any(key);
}

}  // namespace caravan::config
