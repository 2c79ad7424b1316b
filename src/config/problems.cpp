// SPDX-License-Identifier: Apache-2.0
// What no single key can know to be wrong.
#include <arpa/inet.h>

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "config/endpoints.hpp"
#include "config/ingress_problems.hpp"
#include "config/keyring_config.hpp"
#include "config/load.hpp"
#include "config/ranges.hpp"
#include "config/watch_definition.hpp"
#include "model/device.hpp"

namespace caravan::config {
namespace {

class Check {
 public:
  explicit Check(const AgentConfig& config) : config_(config) {}

  void refuse(std::string_view key, std::string message) {
    const auto place = config_.set.find(key);
    const std::string prefix = place == config_.set.end() ? "" : place->second + ": ";
    found_.push_back(fmt::format("{}{}: {}", prefix, key, message));
  }
  void range(std::string_view key, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value < low || value > high)
      refuse(key, fmt::format("{} is outside {}..{}", value, low, high));
  }
  void positive(std::string_view key, base::Duration value) {
    if (value <= base::Duration(0))
      refuse(key, fmt::format("{} is not positive", base::format_duration(value)));
  }
  void one_of(std::string_view key, const std::string& value,
              std::initializer_list<std::string_view> known) {
    std::string all;
    for (const std::string_view each : known) {
      if (value == each) return;
      all += (all.empty() ? "" : ", ") + std::string(each);
    }
    refuse(key, fmt::format("\"{}\" is none of {}", base::printable(value, 60), all));
  }
  void ranges(std::string_view key, const std::string& text, int highest) {
    if (const auto parsed = parse_ranges(text, highest); !parsed)
      refuse(key, parsed.error().message);
  }
  std::vector<std::string> found() && { return std::move(found_); }

 private:
  const AgentConfig& config_;
  std::vector<std::string> found_;
};

constexpr int port_max = 65535;
constexpr std::size_t interface_name_max = 15;  // the kernel's IFNAMSIZ, less its NUL

/// Permissions of a file that nothing can be started from; nothing when they are none.
bool is_file_mode(const std::string& text) {
  return (text.size() == 3 || (text.size() == 4 && text[0] == '0')) &&
         std::ranges::all_of(text,
                             [](char c) { return c == '0' || c == '2' || c == '4' || c == '6'; });
}

void check_audit(Check& check, const AuditConfig& audit) {
  for (const auto& [name, sink] : audit.sinks) {
    const std::string prefix = "audit.sink." + name + ".";
    check.one_of(prefix + "type", sink.type, {"file"});
    check.one_of(prefix + "format", sink.format, {"json"});
    check.one_of(prefix + "delivery_guarantee", sink.delivery_guarantee,
                 {"enforced", "best-effort"});
    if (!sink.path.empty() && (!sink.path.starts_with('/') || sink.path.ends_with('/')))
      check.refuse(prefix + "path",
                   fmt::format("\"{}\" is not the absolute path of a file", sink.path));
    if (!is_file_mode(sink.mode))
      check.refuse(prefix + "mode",
                   fmt::format("\"{}\" is no mode such as 0600, without the right to execute",
                               base::printable(sink.mode, 16)));
    check.range(prefix + "rotate_bytes", sink.rotate_bytes, 0, std::int64_t{1} << 40);
    check.range(prefix + "rotate_max_files", sink.rotate_max_files, 0, 100'000);
  }
  for (const auto& [name, filter] : audit.filters) {
    const std::string prefix = "audit.filter." + name + ".";
    check.one_of(prefix + "type", filter.type, {"HTTPEvent"});
    for (const std::string& stage : filter.stages)
      check.one_of(prefix + "stages", stage, {"*", "OperationReceived", "OperationComplete"});
  }
}

void check_agent(Check& check, const AgentConfig& c) {
  if (!c.server.enabled && !c.client.enabled && !c.is_registry)
    check.refuse("server.enabled", "an agent must be a server, a client, or both");
  if (c.data_dir.empty())
    check.refuse("data_dir", "is required");
  else if (!c.data_dir.starts_with('/'))
    check.refuse("data_dir", fmt::format("\"{}\" is not an absolute path", c.data_dir));
  if (!c.plugin_dir.empty() && !c.plugin_dir.starts_with('/'))
    check.refuse("plugin_dir", fmt::format("\"{}\" is not an absolute path", c.plugin_dir));
  check_audit(check, c.audit);
  if (!c.ingress.register_names.empty() && !c.has_catalog())
    check.refuse("ingress.register_names", "needs a catalog block: there is no registry without it");
  for (const KeyProblem& problem : ingress_problems(c.ingress))
    check.refuse(problem.key, problem.what);
  check.range("ports.http", c.ports.http, c.is_registry ? -1 : 0, port_max);
  check.range("ports.rpc", c.ports.rpc, 0, port_max);
  check.range("ports.serf", c.ports.serf, 0, port_max);
  check.range("catalog.ports.http", c.catalog.ports.http, -1, port_max);
  check.range("catalog.ports.https", c.catalog.ports.https, -1, port_max);
  for (const std::string& recursor : c.catalog.recursors)
    if (const auto endpoint = parse_endpoint(recursor, 53); !endpoint)
      check.refuse("catalog.recursors", endpoint.error().message);
  check.range("catalog.dns_config.udp_answer_limit", c.catalog.dns_config.udp_answer_limit, 1,
              port_max);
  check.range("catalog.dns_config.a_record_limit", c.catalog.dns_config.a_record_limit, 0,
              port_max);
  for (const auto& [service, ttl] : c.catalog.dns_config.service_ttl)
    if (!base::parse_duration(ttl))
      check.refuse("catalog.dns_config.service_ttl",
                   fmt::format("\"{}\" is no duration", base::printable(ttl, 40)));
  if (c.catalog.reconnect_timeout < reconnect_timeout_min)
    check.refuse("catalog.reconnect_timeout",
                 fmt::format("{} is less than {}", base::format_duration(c.catalog.reconnect_timeout),
                             base::format_duration(reconnect_timeout_min)));
  check.one_of("catalog.dns_config.recursor_strategy", c.catalog.dns_config.recursor_strategy,
               {"sequential", "random"});
  if (!is_default_token(c.catalog.default_token))
    check.refuse("catalog.default_token",
                 fmt::format("at most {} printable characters without blanks", default_token_max));
  std::vector<KeyProblem> of_watches;
  (void)watch_definitions(c.catalog.watches, of_watches);
  for (const KeyProblem& problem : of_watches)
    check.refuse("catalog.watches", fmt::format("{}: {}", problem.key, problem.what));
  if (c.catalog.ports.https >= 0 && !c.tls.http)
    check.refuse("catalog.ports.https", "needs the certificate of tls, with http = true");
  check.range("catalog.ports.dns", c.catalog.ports.dns, -1, port_max);
  check.one_of("log_level", base::to_upper(c.log.level),
               {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF"});
  for (const std::string_view text : {std::string_view(c.region), std::string_view(c.datacenter)})
    if (text.find('\0') != std::string_view::npos || text.empty())
      check.refuse("region", "region and datacenter must not be empty");
  // Certificates name a role, a region and a domain: "server.eu.nomad".
  if (c.region.find_first_of(".*/ ") != std::string::npos)
    check.refuse("region", "must not have dots, asterisks, slashes or spaces");
  check.one_of("tls.tls_min_version", c.tls.tls_min_version, {"tls10", "tls11", "tls12", "tls13"});
  if ((c.tls.http || c.tls.rpc) &&
      (c.tls.ca_file.empty() || c.tls.cert_file.empty() || c.tls.key_file.empty()))
    check.refuse("tls", "ca_file, cert_file and key_file are required when http or rpc is on");
}

void check_server(Check& check, const ServerConfig& s) {
  if (!s.enabled) return;
  check.range("server.bootstrap_expect", s.bootstrap_expect, 0, 99);
  check.range("server.raft_multiplier", s.raft_multiplier, 0, 10);
  check.range("server.job_max_priority", s.job_max_priority, 100, 32766);
  check.range("server.job_default_priority", s.job_default_priority, 1, s.job_max_priority);
  check.range("server.job_tracked_versions", s.job_tracked_versions, 1, 1000);
  check.range("server.job_max_count", s.job_max_count, 0, 10'000'000);
  check.positive("server.heartbeat_grace", s.heartbeat_grace);
  check.positive("server.min_heartbeat_ttl", s.min_heartbeat_ttl);
  check.one_of("server.client_introduction.enforcement", s.client_introduction.enforcement,
               {"none", "warn", "strict"});
  check.positive("server.client_introduction.default_identity_ttl",
                 s.client_introduction.default_identity_ttl);
  check.positive("server.client_introduction.max_identity_ttl",
                 s.client_introduction.max_identity_ttl);
  if (s.encrypt.empty()) return;
  const auto key = base::base64_decode(s.encrypt);
  if (!key || (key->size() != 16 && key->size() != 24 && key->size() != 32))
    check.refuse("server.encrypt", "is not a base64 key of 16, 24 or 32 bytes");
}

/// "172.26.64.0/20"
bool is_ipv4_subnet(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return false;
  in_addr address{};
  const base::Result<long long> bits = base::parse_int(text.substr(slash + 1));
  return ::inet_pton(AF_INET, text.substr(0, slash).c_str(), &address) == 1 && bits && *bits >= 0 &&
         *bits <= 32;
}

void check_bridge(Check& check, const ClientConfig& c) {
  const std::string& name = c.bridge_network_name;
  const bool has_space = name.find_first_of(" /\t\n") != std::string::npos;
  if (name.empty() || name.size() > interface_name_max || has_space)
    check.refuse("client.bridge_network_name",
                 fmt::format("\"{}\" is no name of an interface (1 to {} characters)",
                             base::printable(name, 64), interface_name_max));
  if (!is_ipv4_subnet(c.bridge_network_subnet))
    check.refuse("client.bridge_network_subnet",
                 fmt::format("\"{}\" is no IPv4 subnet such as 172.26.64.0/20",
                             base::printable(c.bridge_network_subnet, 64)));
}

void check_client(Check& check, const ClientConfig& c) {
  if (!c.enabled) return;
  check.range("client.min_dynamic_port", c.min_dynamic_port, 1, port_max);
  check.range("client.max_dynamic_port", c.max_dynamic_port, c.min_dynamic_port, port_max);
  check.ranges("client.reserved.reserved_ports", c.reserved.reserved_ports, port_max);
  check.ranges("client.reserved.cores", c.reserved.cores, 1 << 16);
  check.range("client.reserved.cpu", c.reserved.cpu_mhz, 0, 1 << 30);
  check.range("client.reserved.memory", c.reserved.memory_mb, 0, 1 << 30);
  check.range("client.reserved.disk", c.reserved.disk_mb, 0, 1 << 30);
  check.positive("client.max_kill_timeout", c.max_kill_timeout);
  check.positive("client.gc_interval", c.gc_interval);
  check.range("client.gc_parallel_destroys", c.gc_parallel_destroys, 1, 1000);
  check_bridge(check, c);
  for (const auto& [name, volume] : c.host_volumes)
    if (!volume.path.starts_with('/'))
      check.refuse("client.host_volume." + name + ".path",
                   fmt::format("\"{}\" is not an absolute path", volume.path));
  for (const auto& [name, group] : c.devices) {
    const std::string at = "client.device." + name;
    const auto parsed = model::parse_device_name(name);
    if (!parsed || parsed->name.empty())
      check.refuse(at, fmt::format("\"{}\" is not vendor/type/name", name));
    if (group.instances.empty()) check.refuse(at, "has no instance");
    for (const auto& [id, instance] : group.instances)
      if (id.empty() || id.find(',') != std::string::npos)
        check.refuse(at + ".instance",
                     fmt::format("\"{}\": ids are not empty and have no comma", id));
  }
  for (const auto& [name, network] : c.host_networks) {
    check.ranges("client.host_network." + name + ".reserved_ports", network.reserved_ports,
                 port_max);
    if (!network.cidr.empty() && !network.interface.empty())
      check.refuse("client.host_network." + name, "cidr and interface exclude one another");
  }
  if (!c.preferred_address_family.empty())
    check.one_of("client.preferred_address_family", c.preferred_address_family, {"ipv4", "ipv6"});
}

}  // namespace

bool is_default_token(std::string_view text) {
  return text.size() <= default_token_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

std::vector<std::string> problems(const AgentConfig& config) {
  Check check(config);
  check_agent(check, config);
  check_server(check, config.server);
  check_client(check, config.client);
  if (const auto guards = key_guards(config.keyring); !guards)
    check.refuse("keyring", guards.error().message);
  return std::move(check).found();
}

}  // namespace caravan::config
