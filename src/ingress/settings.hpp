// SPDX-License-Identifier: Apache-2.0
// What the operator says about the ingress of one machine.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace caravan::ingress {

using namespace std::chrono_literals;

/// The entry point that fabio's users know: all routes that name none are answered there, too.
inline constexpr const char* proxy_entry = "proxy";

/// A port that clients come in at.
struct EntryPoint {
  std::string name;
  std::string host = "0.0.0.0";
  int port = 0;
  bool is_tls = false;      // ends TLS, or passes it on where a route wants that
  bool is_tcp = false;      // bytes, for the one router that wants them all
  std::string redirect_to;  // the entry point that every request is sent to instead
  friend bool operator==(const EntryPoint&, const EntryPoint&) = default;
};

/// Who may pass a route with `auth=`: user and crypt(3) hash.
using Users = std::vector<std::pair<std::string, std::string>>;

enum class Strategy { random, round_robin };

struct Settings {
  std::vector<EntryPoint> entry_points;
  std::string tag_prefix = "urlprefix-", label_prefix = "traefik";
  bool exposed_by_default = false;  // services without `traefik.enable`
  std::string default_rule = "Host(`{{ normalize .Name }}`)";
  Strategy strategy = Strategy::random;
  std::string datacenter = "dc1";                   // what $DC stands for
  std::vector<std::pair<int, int>> tcp_ports;       // that tags may open, from and to
  std::vector<std::string> register_names;          // globs of names that `register=` may say
  std::string tcp_host = "0.0.0.0";                 // where those are listened on
  std::vector<std::string> trusted_proxies;         // networks whose X-Forwarded-* is believed
  std::map<std::string, Users, std::less<>> auth;   // by the name that `auth=` says
  int no_route_status = 404;
  int connections_max = 10'000;
  std::int64_t body_bytes_max = 0;  // of requests that say their length; 0: no limit
  base::Duration connect_timeout = 1s, check_interval = 1s, check_timeout = 1s;
  base::Duration header_timeout = 10s, idle_timeout = 60s, response_timeout = 900s;
  base::Duration tunnel_timeout = 3600s, drain_time = 10s;
  bool retry_gets = false;  // asks another server when one hung up before it said anything
  bool access_log = false;
  std::string upstream_ca;  // a file; "": the system's
  std::string user;         // whom the data plane becomes after it has its ports; "": stays
};

}  // namespace caravan::ingress
