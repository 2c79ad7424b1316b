// SPDX-License-Identifier: Apache-2.0
#include "config/endpoints.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::config {
namespace {

bool is_wildcard(const std::string& host) { return host == "0.0.0.0" || host == "::"; }
bool is_loopback(const std::string& host) {
  return host.starts_with("127.") || host == "::1" || host == "localhost";
}

base::Error with_key(std::string_view key, base::Error error) {
  error.message = fmt::format("{}: {}", key, error.message);
  return error;
}

class Resolver {
 public:
  Resolver(const AgentConfig& config, Interfaces& interfaces, bool dev)
      : config_(config), interfaces_(interfaces), dev_(dev) {}

  /// Hosts to listen on for one kind of traffic.
  base::Result<std::vector<Endpoint>> listen(std::string_view kind, const std::string& own,
                                             int port) {
    const bool common = own.empty();
    return listen_at(common ? "bind_addr" : fmt::format("addresses.{}", kind),
                     common ? config_.bind_addr : own, port);
  }

  /// None when the port turns it off.
  base::Result<std::vector<Endpoint>> catalog(std::string_view kind, const std::string& own,
                                              int port) {
    if (port < 0) return std::vector<Endpoint>();
    return listen_at(fmt::format("catalog.addresses.{}", kind), own, port);
  }

  base::Result<std::vector<Endpoint>> listen_at(std::string_view key, const std::string& hosts,
                                                int port) {
    auto text = render_address(hosts, interfaces_);
    if (!text) return std::unexpected(with_key(key, text.error()));
    std::vector<Endpoint> all;
    for (const std::string& host : base::split(*text, ' ')) {
      if (host.empty()) continue;
      auto endpoint = parse_endpoint(host, port);
      if (!endpoint) return std::unexpected(with_key(key, endpoint.error()));
      all.push_back(std::move(*endpoint));
    }
    if (all.empty()) return base::invalid(fmt::format("{}: names no address", key));
    return all;
  }

  base::Result<Endpoint> advertise(std::string_view kind, const std::string& own,
                                   const Endpoint& listened) {
    const std::string key = fmt::format("advertise.{}", kind);
    if (!own.empty()) {
      auto text = render_address(own, interfaces_);
      if (!text) return std::unexpected(with_key(key, text.error()));
      auto endpoint = parse_endpoint(*text, listened.port);
      if (!endpoint) return std::unexpected(with_key(key, endpoint.error()));
      return endpoint;
    }
    if (!is_wildcard(listened.host)) {
      if (!is_loopback(listened.host) || dev_) return listened;
      return base::invalid(
          fmt::format("{}: listening on {} only, others cannot reach it; set it, or bind_addr", key,
                      listened.host));
    }
    if (dev_) return Endpoint{"127.0.0.1", listened.port};
    auto host = render_address("{{ GetPrivateIP }}", interfaces_);
    if (!host) return std::unexpected(with_key(key, host.error()));
    return Endpoint{*host, listened.port};
  }

 private:
  const AgentConfig& config_;
  Interfaces& interfaces_;
  bool dev_;
};

}  // namespace

std::string Endpoint::to_string() const {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

base::Result<Endpoint> parse_endpoint(std::string_view text, int default_port) {
  const auto refuse = [&] {
    return base::invalid("\"" + base::printable(text, 80) + "\" is no host or host:port");
  };
  text = base::trim(text);
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return refuse();
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return refuse();
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    host = text.substr(0, text.find(':'));
    port = text.substr(text.find(':'));
  }
  if (host.empty() || host.find_first_of(" \t/") != std::string_view::npos) return refuse();
  Endpoint endpoint{std::string(host), default_port};
  if (port.empty()) return endpoint;
  const auto number = base::parse_int(port.substr(1));
  if (!number || *number < 0 || *number > 65535) return refuse();
  endpoint.port = static_cast<int>(*number);
  return endpoint;
}

base::Result<Endpoints> resolve_endpoints(const AgentConfig& config, Interfaces& interfaces,
                                          bool dev) {
  Resolver resolver(config, interfaces, dev);
  Endpoints all;
  if (config.ports.http >= 0) {
    TRY(all.http_listen, resolver.listen("http", config.addresses.http, config.ports.http));
  }
  if (config.has_catalog()) {
    const CatalogConfig& c = config.catalog;
    TRY(all.catalog_http_listen, resolver.catalog("http", c.addresses.http, c.ports.http));
    TRY(all.catalog_dns_listen, resolver.catalog("dns", c.addresses.dns, c.ports.dns));
    TRY(all.catalog_https_listen, resolver.catalog("https", c.addresses.https, c.ports.https));
  }
  TRY(const auto rpc, resolver.listen("rpc", config.addresses.rpc, config.ports.rpc));
  TRY(const auto serf, resolver.listen("serf", config.addresses.serf, config.ports.serf));
  all.rpc_listen = rpc.front();
  all.serf_listen = serf.front();
  if (!all.http_listen.empty()) {
    TRY(all.http_advertise,
        resolver.advertise("http", config.advertise.http, all.http_listen.front()));
  }
  TRY(all.rpc_advertise, resolver.advertise("rpc", config.advertise.rpc, all.rpc_listen));
  if (all.http_listen.empty()) all.http_advertise = {all.rpc_advertise.host, 0};
  TRY(all.serf_advertise, resolver.advertise("serf", config.advertise.serf, all.serf_listen));
  return all;
}

}  // namespace caravan::config
