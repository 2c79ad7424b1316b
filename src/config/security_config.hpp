// SPDX-License-Identifier: Apache-2.0
// Who may do what, with which certificates, and the outside stores of secrets and services.
#pragma once

#include <string>
#include <vector>

#include "config/key.hpp"

namespace caravan::config {

struct AclConfig {
  bool enabled = false;
  base::Duration token_ttl = 30s, policy_ttl = 30s, role_ttl = 30s;
  std::string replication_token;
  base::Duration token_min_expiration_ttl = 1min, token_max_expiration_ttl = 24h;
};
template <class V>
void keys(V& v, AclConfig& a) {
  v("enabled", a.enabled);
  v("token_ttl", a.token_ttl);
  v("policy_ttl", a.policy_ttl);
  v("role_ttl", a.role_ttl);
  v("replication_token", a.replication_token);
  v("token_min_expiration_ttl", a.token_min_expiration_ttl);
  v("token_max_expiration_ttl", a.token_max_expiration_ttl);
}

struct TlsConfig {
  bool http = false, rpc = false;
  std::string ca_file, cert_file, key_file;
  bool verify_server_hostname = false, verify_https_client = false;
  bool rpc_upgrade_mode = false;
  std::string tls_cipher_suites;
  std::string tls_min_version = "tls12";
  bool tls_prefer_server_cipher_suites = false;
};
template <class V>
void keys(V& v, TlsConfig& t) {
  v("http", t.http);
  v("rpc", t.rpc);
  v("ca_file", t.ca_file);
  v("cert_file", t.cert_file);
  v("key_file", t.key_file);
  v("verify_server_hostname", t.verify_server_hostname);
  v("verify_https_client", t.verify_https_client);
  v("rpc_upgrade_mode", t.rpc_upgrade_mode);
  v("tls_cipher_suites", t.tls_cipher_suites);
  v("tls_min_version", t.tls_min_version);
  v("tls_prefer_server_cipher_suites", t.tls_prefer_server_cipher_suites);
}

struct ConsulConfig {
  bool enabled = true;
  std::string address = "127.0.0.1:8500";
  std::string grpc_address, grpc_ca_file, token, auth;
  bool ssl = false, verify_ssl = true;
  std::string ca_file, cert_file, key_file, ns;
  std::vector<std::string> tags;
  bool auto_advertise = true, checks_use_advertise = false;
  bool server_auto_join = true, client_auto_join = true;
  std::string server_service_name = "nomad", client_service_name = "nomad-client";
  base::Duration timeout = 5s;
  std::string service_auth_method = "nomad-workloads", task_auth_method = "nomad-workloads";
  json::Value service_identity, task_identity;
};
template <class V>
void keys(V& v, ConsulConfig& c) {
  v("enabled", c.enabled);
  v("address", c.address);
  v("grpc_address", c.grpc_address);
  v("grpc_ca_file", c.grpc_ca_file);
  v("token", c.token);
  v("auth", c.auth);
  v("ssl", c.ssl);
  v("verify_ssl", c.verify_ssl);
  v("ca_file", c.ca_file);
  v("cert_file", c.cert_file);
  v("key_file", c.key_file);
  v("namespace", c.ns);
  v("tags", c.tags);
  v("auto_advertise", c.auto_advertise);
  v("checks_use_advertise", c.checks_use_advertise);
  v("server_auto_join", c.server_auto_join);
  v("client_auto_join", c.client_auto_join);
  v("server_service_name", c.server_service_name);
  v("client_service_name", c.client_service_name);
  v("timeout", c.timeout);
  v("service_auth_method", c.service_auth_method);
  v("task_auth_method", c.task_auth_method);
  v("service_identity", c.service_identity);
  v("task_identity", c.task_identity);
  for (const char* key :
       {"name", "share_ssl", "allow_unauthenticated", "server_http_check_name",
        "server_serf_check_name", "server_rpc_check_name", "client_http_check_name",
        "server_failures_before_critical", "server_failures_before_warning",
        "client_failures_before_critical", "client_failures_before_warning", "use_identity"})
    v.any(key);
}

struct VaultConfig {
  bool enabled = false;
  std::string address, create_from_role, ns;
  std::string jwt_auth_backend_path = "jwt-nomad";
  json::Value default_identity;
  std::string ca_file, ca_path, cert_file, key_file;
  bool tls_skip_verify = false;
  std::string tls_server_name, token;
};
template <class V>
void keys(V& v, VaultConfig& c) {
  v("enabled", c.enabled);
  v("address", c.address);
  v("create_from_role", c.create_from_role);
  v("namespace", c.ns);
  v("jwt_auth_backend_path", c.jwt_auth_backend_path);
  v("default_identity", c.default_identity);
  v("ca_file", c.ca_file);
  v("ca_path", c.ca_path);
  v("cert_file", c.cert_file);
  v("key_file", c.key_file);
  v("tls_skip_verify", c.tls_skip_verify);
  v("tls_server_name", c.tls_server_name);
  v("token", c.token);
  for (const char* key : {"name", "task_token_ttl", "allow_unauthenticated", "use_identity"})
    v.any(key);
}

}  // namespace caravan::config
