// SPDX-License-Identifier: Apache-2.0
// The ingress of this machine. Names and ports that fabio's and Traefik's users know are defaults.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/key.hpp"

namespace caravan::config {

/// -1 turns what listens on it off.
struct IngressPorts {
  int proxy = 9999;
  int admin = 9998;
};
template <class V>
void keys(V& v, IngressPorts& p) {
  v("proxy", p.proxy);
  v("admin", p.admin);
}

/// What to listen on.
struct IngressAddresses {
  std::string proxy = "0.0.0.0", admin = "0.0.0.0";
};
template <class V>
void keys(V& v, IngressAddresses& a) {
  v("proxy", a.proxy);
  v("admin", a.admin);
}

/// A further port, by the name that routers use.
struct EntryPointConfig {
  std::string address;  // "": as the proxy's
  int port = 0;
  bool tls = false;
  std::string protocol = "http";  // or tcp
  std::string redirect_to;        // another one: every request is sent there
};
template <class V>
void keys(V& v, EntryPointConfig& e) {
  v("address", e.address);
  v("port", e.port);
  v("tls", e.tls);
  v("protocol", e.protocol);
  v("redirect_to", e.redirect_to);
}

/// Who passes routes with `auth=name`: lines user:hash, the hash of crypt(3).
struct IngressAuth {
  std::string file;
};
template <class V>
void keys(V& v, IngressAuth& a) {
  v("file", a.file);
}

struct IngressCertificates {
  std::string cert_file, key_file;
  std::string folder;
  std::string ca_file, ca_key_file;  // issues for hosts that have none
};
template <class V>
void keys(V& v, IngressCertificates& c) {
  v("cert_file", c.cert_file);
  v("key_file", c.key_file);
  v("folder", c.folder);
  v("ca_file", c.ca_file);
  v("ca_key_file", c.ca_key_file);
}

struct IngressConfig {
  bool enabled = true;  // counts when the block is there
  IngressPorts ports;
  IngressAddresses addresses;
  bool admin_open = false;  // to other machines, too
  std::map<std::string, EntryPointConfig> entry_points;
  std::string tcp_ports;  // that tags may open: "7433,30000-31000"
  std::vector<std::string> register_names;  // that tags may give the ingress in the registry: globs
  std::string strategy = "rnd";
  std::string tag_prefix = "urlprefix-", label_prefix = "traefik";
  bool exposed_by_default = false;
  std::string default_rule = "Host(`{{ normalize .Name }}`)";
  std::vector<std::string> trusted_proxies;
  std::map<std::string, IngressAuth> auth;
  IngressCertificates certificates;
  std::string upstream_ca_file;
  int no_route_status = 404;
  int max_connections = 10'000;
  Bytes max_body;
  base::Duration connect_timeout = 1s, check_interval = 1s, check_timeout = 1s;
  base::Duration header_timeout = 10s, idle_timeout = 60s, response_timeout = 15min;
  base::Duration tunnel_timeout = 1h, drain_time = 10s;
  bool retry_gets = false;  // when their connection died before an answer
  bool access_log = false;
  std::string haproxy;  // the program; "": where it usually is
  std::string user;     // whom it becomes; "": haproxy or nobody, where the agent is root
  std::string token;    // of the API; routes only what it may see
};
template <class V>
void keys(V& v, IngressConfig& i) {
  v("enabled", i.enabled);
  v("ports", i.ports);
  v("addresses", i.addresses);
  v("admin_open", i.admin_open);
  v.labelled("entrypoint", i.entry_points);
  v("tcp_ports", i.tcp_ports);
  v("register_names", i.register_names);
  v("strategy", i.strategy);
  v("tag_prefix", i.tag_prefix);
  v("label_prefix", i.label_prefix);
  v("exposed_by_default", i.exposed_by_default);
  v("default_rule", i.default_rule);
  v("trusted_proxies", i.trusted_proxies);
  v.labelled("auth", i.auth);
  v("certificates", i.certificates);
  v("upstream_ca_file", i.upstream_ca_file);
  v("no_route_status", i.no_route_status);
  v("max_connections", i.max_connections);
  v("max_body", i.max_body);
  v("connect_timeout", i.connect_timeout);
  v("check_interval", i.check_interval);
  v("check_timeout", i.check_timeout);
  v("header_timeout", i.header_timeout);
  v("idle_timeout", i.idle_timeout);
  v("response_timeout", i.response_timeout);
  v("tunnel_timeout", i.tunnel_timeout);
  v("drain_time", i.drain_time);
  v("retry_gets", i.retry_gets);
  v("access_log", i.access_log);
  v("haproxy", i.haproxy);
  v("user", i.user);
  v("token", i.token);
}

}  // namespace caravan::config
