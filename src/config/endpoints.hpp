// SPDX-License-Identifier: Apache-2.0
// From `bind_addr`, `addresses`, `advertise` and `ports` to what to listen on and what to tell
// others.
#pragma once

#include <string>
#include <vector>

#include "config/agent_config.hpp"
#include "config/sockaddr.hpp"

namespace caravan::config {

struct Endpoint {
  std::string host;  // without brackets
  int port = 0;
  /// "10.0.0.1:4646", "[::1]:4646"
  std::string to_string() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Endpoints {
  std::vector<Endpoint> http_listen;  // one, unless `addresses.http` names several
  std::vector<Endpoint> catalog_http_listen, catalog_https_listen;  // none where they are off
  std::vector<Endpoint> catalog_dns_listen;
  Endpoint rpc_listen, serf_listen;
  Endpoint http_advertise, rpc_advertise, serf_advertise;
};

/// Reads "host", "host:port", "[v6]:port" or a bare IPv6 address. Errors: invalid.
base::Result<Endpoint> parse_endpoint(std::string_view text, int default_port);

/// `dev` allows to advertise loopback. Errors: invalid and not_found, naming the key.
base::Result<Endpoints> resolve_endpoints(const AgentConfig& config, Interfaces& interfaces,
                                          bool dev = false);

}  // namespace caravan::config
