// SPDX-License-Identifier: Apache-2.0
// The registry's own faces: where services, health, KV and names are asked for by Consul's clients.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/key.hpp"

namespace caravan::config {

/// A port of -1 turns what listens on it off.
struct CatalogPorts {
  int http = 8500;
  int https = -1;
  int dns = 8600;
};
template <class V>
void keys(V& v, CatalogPorts& p) {
  v("http", p.http);
  v("https", p.https);
  v("dns", p.dns);
}

/// What to listen on; each may name several, separated by blanks. Only this machine can ask unless
/// they are set.
struct CatalogAddresses {
  std::string http = "127.0.0.1", https = "127.0.0.1", dns = "127.0.0.1";
};
template <class V>
void keys(V& v, CatalogAddresses& a) {
  v("http", a.http);
  v("https", a.https);
  v("dns", a.dns);
}

struct DnsSoa {
  base::Duration refresh = 3600s, retry = 600s, expire = 86400s, min_ttl = 0s;
};
template <class V>
void keys(V& v, DnsSoa& s) {
  v("refresh", s.refresh);
  v("retry", s.retry);
  v("expire", s.expire);
  v("min_ttl", s.min_ttl);
}

struct DnsConfig {
  bool allow_stale = true;
  base::Duration max_stale = 87600h;
  base::Duration node_ttl = 0s;
  std::map<std::string, std::string> service_ttl;  // by name, "*" for all others
  bool only_passing = false;
  int udp_answer_limit = 3;
  int a_record_limit = 0;  // 0 = none
  bool enable_truncate = false;
  base::Duration recursor_timeout = 2s;
  std::string recursor_strategy = "sequential";
  bool disable_compression = false;
  bool enable_additional_node_meta_txt = true;
  DnsSoa soa;
};
template <class V>
void keys(V& v, DnsConfig& d) {
  v("allow_stale", d.allow_stale);
  v("max_stale", d.max_stale);
  v("node_ttl", d.node_ttl);
  v("service_ttl", d.service_ttl);
  v("only_passing", d.only_passing);
  v("udp_answer_limit", d.udp_answer_limit);
  v("a_record_limit", d.a_record_limit);
  v("enable_truncate", d.enable_truncate);
  v("recursor_timeout", d.recursor_timeout);
  v("recursor_strategy", d.recursor_strategy);
  v("disable_compression", d.disable_compression);
  v("enable_additional_node_meta_txt", d.enable_additional_node_meta_txt);
  v("soa", d.soa);
}

/// A shorter patience would take away what is only being repaired. Source: Consul's documentation.
inline constexpr base::Duration reconnect_timeout_min = 8h;
/// Of the secret of a default token, in bytes: it travels with questions for names.
inline constexpr std::size_t default_token_max = 255;
/// Whether it can be one: what a header may have.
bool is_default_token(std::string_view text);

struct CatalogConfig {
  bool enabled = true;  // counts when the block is there
  CatalogPorts ports;
  CatalogAddresses addresses;
  std::string domain = "consul";
  std::string native_domain = "nomad";  // of services that only jobs have; "": not answered
  std::vector<std::string> recursors;
  DnsConfig dns_config;
  bool enable_script_checks = false, enable_local_script_checks = false;
  std::map<std::string, std::string> node_meta;  // of the agent's node in the registry
  base::Duration reconnect_timeout = 72h;  // so long agents stay that fell silent
  std::string default_token;  // of those who show none
  bool keeps_tokens = false;  // that came by the API; only of files of Consul's form
  std::vector<json::Value> watches;  // as files have them; see watch_definition.hpp
  // Only of files of Consul's form, in the words of its API.
  std::vector<json::Object> services, checks;
};
template <class V>
void keys(V& v, CatalogConfig& c) {
  v("enabled", c.enabled);
  v("ports", c.ports);
  v("addresses", c.addresses);
  v("domain", c.domain);
  v("native_domain", c.native_domain);
  v("recursors", c.recursors);
  v("dns_config", c.dns_config);
  v("enable_script_checks", c.enable_script_checks);
  v("enable_local_script_checks", c.enable_local_script_checks);
  v("node_meta", c.node_meta);
  v("reconnect_timeout", c.reconnect_timeout);
  v("default_token", c.default_token);
  v.pieces("watches", c.watches);
}

}  // namespace caravan::config
