// SPDX-License-Identifier: Apache-2.0
#include "ingress/rawdata.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingress/placement.hpp"

namespace caravan::ingress {
namespace {

/// "router web" and "tcp router web" are both "web".
std::string router_name(const Route& route) {
  return route.tag.substr(route.tag.find_last_of(' ') + 1);
}

/// As Traefik calls where it has a router from.
std::string provider_of(const Route& route) {
  const bool is_native = !route.servers.empty() && route.servers[0].id.starts_with("nomad/");
  return is_native ? "nomad" : "consulcatalog";
}

/// Those it names, or all that fit.
json::Array entry_points_of(const Route& route, const Settings& settings) {
  if (!route.entry_points.empty())
    return json::Array(route.entry_points.begin(), route.entry_points.end());
  json::Array names;
  for (const EntryPoint& each : settings.entry_points)
    if (!each.is_tcp && (each.is_tls || !route.wants_tls)) names.emplace_back(each.name);
  return names;
}

json::Object router_json(const Route& route, const Settings& settings) {
  json::Object shown{{"entryPoints", entry_points_of(route, settings)},
                     {"service", route.service},
                     {"rule", route.source},
                     {"priority", route.priority},
                     {"status", "enabled"},
                     {"using", entry_points_of(route, settings)}};
  if (route.wants_tls) shown["tls"] = json::Object();
  return shown;
}

json::Object service_json(const Route& route, const std::string& router) {
  const bool is_http = route.protocol == Protocol::http;
  json::Array servers;
  for (const Server& server : route.servers) {
    const std::string at = endpoint_of(server.address, server.port);
    if (is_http)
      servers.emplace_back(json::Object{
          {"url", fmt::format("{}://{}", route.treatment.to_tls ? "https" : "http", at)}});
    else
      servers.emplace_back(json::Object{{"address", at}});
  }
  json::Object balancer{{"servers", std::move(servers)}};
  if (is_http) balancer["passHostHeader"] = route.treatment.pass_host;
  return {{"loadBalancer", std::move(balancer)},
          {"status", "enabled"},
          {"usedBy", json::Array{router}}};
}

}  // namespace

json::Object rawdata_json(const RoutingTable& table, const Settings& settings) {
  json::Object routers, services, tcp_routers, tcp_services;
  for (const Route& route : table.routes) {
    if (!route.tag.starts_with("router ") && !route.tag.starts_with("tcp router ")) continue;
    const std::string provider = provider_of(route);
    const std::string router = router_name(route) + "@" + provider;
    const std::string service = route.service + "@" + provider;
    const bool is_http = route.protocol == Protocol::http;
    (is_http ? routers : tcp_routers)[router] = router_json(route, settings);
    json::Object& all = is_http ? services : tcp_services;
    json::Value* known = all.find(service);
    if (!known)
      all[service] = service_json(route, router);
    else
      known->as_object()->find("usedBy")->as_array()->emplace_back(router);
  }
  return {{"routers", std::move(routers)},
          {"services", std::move(services)},
          {"tcpRouters", std::move(tcp_routers)},
          {"tcpServices", std::move(tcp_services)}};
}

}  // namespace caravan::ingress
