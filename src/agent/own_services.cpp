// SPDX-License-Identifier: Apache-2.0
#include "agent/own_services.hpp"

#include <fmt/core.h>

#include "base/hash.hpp"

namespace caravan::agent {
namespace {

using namespace std::chrono_literals;
using registry::CheckDefinition;
using registry::CheckKind;
using registry::Resident;

constexpr base::Duration check_interval = 10s, http_timeout = 5s, tcp_timeout = 3s;

/// Where this machine reaches what it listens on.
std::string within(const config::Endpoint& listen, const config::Endpoint& advertise) {
  config::Endpoint at = listen;
  if (at.host == "0.0.0.0" || at.host == "::") at.host = advertise.host;
  return at.to_string();
}

/// The ids of the peers' agents: equal at every start, and different for what differs.
std::string id_of(const char* role, const std::string& node, const std::string& name,
                  const std::string& tag) {
  const std::string all = fmt::format("{}\n{}\n{}", node, name, tag);
  return fmt::format("_nomad-{}-{:016x}{:016x}", role, base::hash64(all), base::hash64(all, 1));
}

Resident offered(const char* role, const std::string& node, const std::string& name,
                 const std::string& tag, const config::ConsulConfig& said,
                 const config::Endpoint& advertised) {
  Resident resident;
  model::CatalogService& service = resident.service;
  service.node = node;
  service.name = name;
  service.id = id_of(role, node, name, tag);
  service.tags = {tag};
  service.tags.insert(service.tags.end(), said.tags.begin(), said.tags.end());
  service.address = advertised.host;
  service.port = advertised.port;
  service.meta = {{"external-source", "nomad"}};
  return resident;
}

CheckDefinition probe_of(const Resident& resident, CheckKind kind, std::string name) {
  CheckDefinition check;
  check.id = "_nomad-check-" + resident.service.id.substr(resident.service.id.rfind('-') + 1);
  check.name = std::move(name);
  check.service_id = resident.service.id;
  check.kind = kind;
  check.interval = check_interval;
  check.timeout = kind == CheckKind::http ? http_timeout : tcp_timeout;
  return check;
}

}  // namespace

std::vector<Resident> own_services(const config::AgentConfig& config,
                                   const config::Endpoints& endpoints, OwnParts parts,
                                   const std::string& node) {
  const auto found = config.consul.find("default");
  const config::ConsulConfig said =
      found == config.consul.end() ? config::ConsulConfig() : found->second;
  std::vector<Resident> all;
  if (!said.enabled || !said.auto_advertise) return all;
  // Who demands certificates of those who ask would not answer the check.
  const bool is_asked = !endpoints.http_listen.empty() && !config.tls.verify_https_client;
  const auto add_page = [&](Resident& resident, const char* what, const char* type) {
    if (!is_asked) return;
    CheckDefinition check = probe_of(resident, CheckKind::http, what);
    check.http = fmt::format("{}://{}/v1/agent/health?type={}", config.tls.http ? "https" : "http",
                             within(endpoints.http_listen.front(), endpoints.http_advertise), type);
    check.tls_skip_verify = true;  // it asks itself
    resident.checks.push_back(std::move(check));
  };
  const auto add_port = [](Resident& resident, const char* what, std::string at) {
    CheckDefinition check = probe_of(resident, CheckKind::tcp, what);
    check.tcp = std::move(at);
    resident.checks.push_back(std::move(check));
  };
  if (parts.server) {
    const std::string& name = said.server_service_name;
    Resident http = offered("server", node, name, "http", said, endpoints.http_advertise);
    add_page(http, "Nomad Server HTTP Check", "server");
    Resident rpc = offered("server", node, name, "rpc", said, endpoints.rpc_advertise);
    add_port(rpc, "Nomad Server RPC Check", within(endpoints.rpc_listen, endpoints.rpc_advertise));
    Resident serf = offered("server", node, name, "serf", said, endpoints.serf_advertise);
    add_port(serf, "Nomad Server Serf Check",
             within(endpoints.serf_listen, endpoints.serf_advertise));
    for (Resident* each : {&http, &rpc, &serf})
      all.push_back(std::move(*each));
  }
  if (parts.client) {
    Resident http =
        offered("client", node, said.client_service_name, "http", said, endpoints.http_advertise);
    add_page(http, "Nomad Client HTTP Check", "client");
    all.push_back(std::move(http));
  }
  return all;
}

}  // namespace caravan::agent
