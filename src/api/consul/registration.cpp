// SPDX-License-Identifier: Apache-2.0
#include "api/consul/registration.hpp"

#include <fmt/core.h>

#include "api/consul/members.hpp"
#include "base/text.hpp"
#include "io/network.hpp"

namespace caravan::api::consul {
namespace {

using registry::CheckDefinition;
using registry::CheckKind;

constexpr int port_max = 65'535;
/// What a check's words may take up at the most, whatever it asks for.
constexpr int output_max_max = static_cast<int>(model::check_output_max);

base::Status is_name(std::string_view what, const std::string& name) {
  if (name.empty()) return base::invalid(fmt::format("Missing {}", what));
  if (name.size() > model::catalog_name_max ||
      std::ranges::any_of(name, [](unsigned char c) { return c < 0x20; }))
    return base::invalid(fmt::format("Invalid {}: \"{}\"", what, base::printable(name, 80)));
  return {};
}

base::Status read_addresses(json::Value value, model::CatalogService& service) {
  TRY(const json::Object all, object_in("TaggedAddresses", std::move(value)));
  for (const json::Member& member : all) {
    TRY(json::Object inner, object_in("TaggedAddresses", member.value));
    Members members(std::move(inner));
    model::ServiceAddress address;
    TRY_VOID(members.text("Address", address.address));
    TRY_VOID(members.number("Port", address.port, 0, port_max));
    service.tagged_addresses[member.name] = std::move(address);
  }
  return {};
}

base::Status read_weights(json::Value value, model::ServiceWeights& weights) {
  TRY(json::Object object, object_in("Weights", std::move(value)));
  Members members(std::move(object));
  TRY_VOID(members.number("Passing", weights.passing, 0, port_max));
  return members.number("Warning", weights.warning, 0, port_max);
}

bool is_ipv4(const std::string& text) {
  return text.find_first_not_of("0123456789.") == std::string::npos &&
         std::ranges::count(text, '.') == 3;
}

/// An address of its own is told under the names that its clients look for.
void add_usual_addresses(model::CatalogService& service) {
  const bool is_v6 = service.address.find(':') != std::string::npos;
  if (service.address.empty() || (!is_v6 && !is_ipv4(service.address))) return;
  for (const char* name : {"lan", "wan"})
    service.tagged_addresses.try_emplace(fmt::format("{}_ipv{}", name, is_v6 ? 6 : 4),
                                         model::ServiceAddress{service.address, service.port, {}});
}

base::Result<model::CatalogService> service_in(Members& members, std::string_view name_key) {
  model::CatalogService service;
  TRY_VOID(members.text("ID", service.id));
  TRY_VOID(members.text(name_key, service.name));
  TRY_VOID(members.text("Kind", service.kind));
  TRY_VOID(members.list("Tags", service.tags));
  TRY_VOID(members.text("Address", service.address));
  TRY_VOID(members.number("Port", service.port, 0, port_max));
  TRY_VOID(members.map("Meta", service.meta));
  TRY_VOID(members.flag("EnableTagOverride", service.enable_tag_override));
  TRY_VOID(read_addresses(members.take("TaggedAddresses"), service));
  TRY_VOID(read_weights(members.take("Weights"), service.weights));
  service.proxy = members.take("Proxy");
  service.connect = members.take("Connect");
  return service;
}

base::Status complete(model::CatalogService& service) {
  TRY_VOID(is_name("service name", service.name));
  if (service.id.empty()) service.id = service.name;
  add_usual_addresses(service);
  return is_name("service ID", service.id);
}

base::Result<model::CatalogCheck> catalog_check_in(Members& members) {
  model::CatalogCheck check;
  std::string status;
  TRY_VOID(members.text("CheckID", check.id));
  TRY_VOID(members.text("Name", check.name));
  TRY_VOID(members.text("Status", status));
  TRY_VOID(members.text("Notes", check.notes));
  TRY_VOID(members.text("Output", check.output));
  TRY_VOID(members.text("ServiceID", check.service_id));
  TRY_VOID(members.text("Type", check.type));
  check.definition = members.take("Definition");
  if (!status.empty()) {
    TRY(check.status, health_of(status));
  }
  if (check.id.empty()) check.id = check.name;
  TRY_VOID(is_name("check ID", check.id));
  if (check.output.size() > model::check_output_max) check.output.resize(model::check_output_max);
  return check;
}

base::Result<model::CatalogCheck> catalog_check_of(json::Object object) {
  Members members(std::move(object));
  return catalog_check_in(members);
}

base::Status read_header(json::Value value, CheckDefinition& check) {
  TRY(const json::Object all, object_in("Header", std::move(value)));
  for (const json::Member& member : all) {
    const json::Array* values = member.value.as_array();
    if (!values) return refuse("Header", "has something that is not a list of texts");
    for (const json::Value& each : *values) {
      if (!each.as_string()) return refuse("Header", "has something that is not a text");
      check.header[member.name].push_back(*each.as_string());
    }
  }
  return {};
}

/// Of the kinds that connect to somebody.
base::Status read_places(Members& members, CheckDefinition& check) {
  bool grpc_tls = false, ping_tls = true;
  TRY_VOID(members.text("TCP", check.tcp));
  TRY_VOID(members.text("UDP", check.udp));
  TRY_VOID(members.text("GRPC", check.grpc));
  TRY_VOID(members.flag("GRPCUseTLS", grpc_tls));
  TRY_VOID(members.text("H2PING", check.h2ping));
  TRY_VOID(members.flag("H2PingUseTLS", ping_tls));
  check.uses_tls = check.grpc.empty() ? !check.h2ping.empty() && ping_tls : grpc_tls;
  const std::string grpc_place = check.grpc.substr(0, check.grpc.find('/'));
  for (const auto& [kind, place] : {std::pair("TCP", check.tcp), std::pair("UDP", check.udp),
                                    std::pair("GRPC", grpc_place), std::pair("H2PING", check.h2ping)}) {
    if (place.empty()) continue;
    const base::Result<io::Address> address = io::Address::parse(place);
    if (!address || address->is_unix || address->port == 0)
      return base::invalid(fmt::format("Invalid check: {}: \"{}\" is not host:port", kind,
                                       base::printable(place, 80)));
    const bool is_ip = address->host.find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos;
    if (kind == std::string_view("UDP") && !is_ip && address->host != "localhost")
      return base::invalid(fmt::format("Invalid check: UDP: \"{}\" names no IP address",
                                       base::printable(place, 80)));
  }
  return {};
}

/// Errors: invalid (none, or more than one).
base::Result<CheckKind> kind_of(const CheckDefinition& check) {
  std::vector<std::pair<CheckKind, bool>> all = {
      {CheckKind::http, !check.http.empty()},     {CheckKind::tcp, !check.tcp.empty()},
      {CheckKind::udp, !check.udp.empty()},       {CheckKind::grpc, !check.grpc.empty()},
      {CheckKind::h2ping, !check.h2ping.empty()}, {CheckKind::docker, !check.container.empty()},
      {CheckKind::script, !check.args.empty() && check.container.empty()},
      {CheckKind::alias, !check.alias_service.empty() || !check.alias_node.empty()},
  };
  std::erase_if(all, [](const auto& kind) { return !kind.second; });
  if (all.size() > 1)
    return base::invalid(fmt::format("Invalid check: it is both {} and {}",
                                     model::name_of(all[0].first), model::name_of(all[1].first)));
  if (!all.empty() && all[0].first == CheckKind::docker && check.args.empty())
    return base::invalid("Invalid check: Args of a docker check are missing");
  if (!all.empty()) return all[0].first;
  if (check.ttl.count() <= 0) return base::invalid("Invalid check: TTL must be > 0 for TTL checks");
  return CheckKind::ttl;
}

base::Result<CheckDefinition> check_in(json::Object object) {
  Members members(std::move(object));
  CheckDefinition check;
  std::string status, alias_id;
  TRY_VOID(members.text("CheckID", check.id));
  if (check.id.empty()) TRY_VOID(members.text("ID", check.id));
  TRY_VOID(members.text("Name", check.name));
  TRY_VOID(members.text("Notes", check.notes));
  TRY_VOID(members.text("ServiceID", check.service_id));
  TRY_VOID(members.text("Status", status));
  TRY_VOID(members.duration("TTL", check.ttl));
  TRY_VOID(members.duration("Interval", check.interval));
  TRY_VOID(members.duration("Timeout", check.timeout));
  TRY_VOID(members.duration("DeregisterCriticalServiceAfter", check.deregister_after));
  TRY_VOID(members.text("HTTP", check.http));
  TRY_VOID(members.text("Method", check.method));
  TRY_VOID(members.text("Body", check.body));
  TRY_VOID(members.flag("DisableRedirects", check.disable_redirects));
  TRY_VOID(read_places(members, check));
  TRY_VOID(members.text("AliasNode", check.alias_node));
  TRY_VOID(members.text("AliasService", check.alias_service));
  TRY_VOID(members.text("DockerContainerID", check.container));
  TRY_VOID(members.text("Shell", check.shell));
  TRY_VOID(members.number("OutputMaxSize", check.output_max, 1, output_max_max));
  TRY_VOID(members.list("Args", check.args));
  if (check.args.empty()) TRY_VOID(members.list("ScriptArgs", check.args));
  TRY_VOID(members.flag("TLSSkipVerify", check.tls_skip_verify));
  TRY_VOID(members.text("TLSServerName", check.tls_server_name));
  TRY_VOID(members.number("SuccessBeforePassing", check.success_before_passing, 0, 1000));
  TRY_VOID(members.number("FailuresBeforeWarning", check.failures_before_warning, 0, 1000));
  TRY_VOID(members.number("FailuresBeforeCritical", check.failures_before_critical, 0, 1000));
  TRY_VOID(read_header(members.take("Header"), check));
  if (!status.empty()) {
    TRY(check.initial, health_of(status));
  }
  TRY(check.kind, kind_of(check));
  const bool is_probed = check.kind != CheckKind::ttl && check.kind != CheckKind::alias;
  if (is_probed && check.interval.count() <= 0)
    return base::invalid(
        fmt::format("Invalid check: Interval must be > 0 for Script, HTTP, H2PING, "
                    "TCP, UDP or OSService checks"));
  check.interval = std::max(check.interval, registry::interval_min);
  if (check.timeout.count() <= 0) check.timeout = registry::probe_timeout_default;
  if (check.deregister_after.count() > 0)
    check.deregister_after = std::max(check.deregister_after, registry::deregister_after_min);
  return check;
}

}  // namespace

base::Result<model::Health> health_of(std::string_view text) {
  if (text == "passing" || text == "pass") return model::Health::passing;
  if (text == "warning" || text == "warn") return model::Health::warning;
  if (text == "critical" || text == "fail") return model::Health::critical;
  return base::invalid(fmt::format("Invalid check status: '{}'", base::printable(text, 40)));
}

base::Result<wire::CatalogPut> registration_of(json::Object body) {
  Members members(std::move(body));
  wire::CatalogPut put;
  TRY_VOID(members.text("Node", put.node.name));
  TRY_VOID(members.text("ID", put.node.id));
  TRY_VOID(members.text("Address", put.node.address));
  TRY_VOID(members.map("TaggedAddresses", put.node.tagged_addresses));
  TRY_VOID(members.map("NodeMeta", put.node.meta));
  TRY_VOID(members.flag("SkipNodeUpdate", put.keeps_node));
  if (put.node.name.empty() || (put.node.address.empty() && !put.keeps_node))
    return base::invalid("Must provide node and address");
  TRY_VOID(is_name("node name", put.node.name));
  TRY(json::Object service, object_in("Service", members.take("Service")));
  if (!service.empty()) {
    Members inner(std::move(service));
    TRY(model::CatalogService read, service_in(inner, "Service"));
    TRY_VOID(complete(read));
    put.services.push_back(std::move(read));
  }
  TRY(json::Object check, object_in("Check", members.take("Check")));
  if (!check.empty()) {
    TRY(model::CatalogCheck read, catalog_check_of(std::move(check)));
    put.checks.push_back(std::move(read));
  }
  const json::Value checks = members.take("Checks");
  if (const json::Array* list = checks.as_array())
    for (const json::Value& each : *list) {
      TRY(json::Object object, object_in("Checks", each));
      TRY(model::CatalogCheck read, catalog_check_of(std::move(object)));
      put.checks.push_back(std::move(read));
    }
  return put;
}

base::Result<wire::CatalogErase> removal_of(json::Object body) {
  Members members(std::move(body));
  wire::CatalogErase erase;
  TRY_VOID(members.text("Node", erase.node));
  TRY_VOID(members.text("ServiceID", erase.service_id));
  TRY_VOID(members.text("CheckID", erase.check_id));
  if (erase.node.empty()) return base::invalid("Must provide node");
  return erase;
}

base::Result<model::CatalogNode> node_of(json::Object body, bool is_whole) {
  Members members(std::move(body));
  model::CatalogNode node;
  TRY_VOID(members.text("Node", node.name));
  TRY_VOID(members.text("ID", node.id));
  TRY_VOID(members.text("Address", node.address));
  TRY_VOID(members.map("TaggedAddresses", node.tagged_addresses));
  TRY_VOID(members.map("Meta", node.meta));
  TRY_VOID(members.index("ModifyIndex", node.modify_index));
  TRY_VOID(is_name("node name", node.name));
  if (is_whole && node.address.empty()) return base::invalid("Must provide node and address");
  return node;
}

base::Result<model::CatalogService> service_of(json::Object body, bool is_whole) {
  Members members(std::move(body));
  TRY(model::CatalogService service, service_in(members, "Service"));
  TRY_VOID(members.index("ModifyIndex", service.modify_index));
  if (is_whole) TRY_VOID(complete(service));
  TRY_VOID(is_name("service ID", service.id));
  return service;
}

base::Result<model::CatalogCheck> check_of(json::Object body) {
  std::uint64_t index = 0;
  std::string node;
  Members members(std::move(body));
  TRY_VOID(members.text("Node", node));
  TRY_VOID(members.index("ModifyIndex", index));
  TRY(model::CatalogCheck check, catalog_check_in(members));
  TRY_VOID(is_name("node name", node));
  check.node = std::move(node);
  check.modify_index = index;
  return check;
}

base::Result<OwnRegistration> own_registration_of(json::Object body) {
  Members members(std::move(body));
  OwnRegistration own;
  for (const char* ignored : {"Namespace", "Partition", "SocketPath", "Locality", "Datacenter"})
    (void)members.take(ignored);
  json::Value check = members.take("Check");
  const json::Value checks = members.take("Checks");
  TRY(own.service, service_in(members, "Name"));
  if (const std::string left = members.left(); !left.empty())
    return base::invalid(fmt::format("Request decode failed: json: unknown field \"{}\"",
                                     base::printable(left, 80)));
  TRY_VOID(complete(own.service));
  std::vector<json::Value> all;
  if (!check.is_null()) all.push_back(std::move(check));
  if (const json::Array* list = checks.as_array())
    all.insert(all.end(), list->begin(), list->end());
  std::size_t number = 0;
  for (json::Value& each : all) {
    TRY(json::Object object, object_in("Check", std::move(each)));
    TRY(CheckDefinition definition, check_in(std::move(object)));
    definition.service_id = own.service.id;
    ++number;
    if (definition.id.empty())
      definition.id = all.size() == 1 ? fmt::format("service:{}", own.service.id)
                                      : fmt::format("service:{}:{}", own.service.id, number);
    if (definition.name.empty())
      definition.name = fmt::format("Service '{}' check", own.service.name);
    TRY_VOID(is_name("check ID", definition.id));
    own.checks.push_back(std::move(definition));
  }
  return own;
}

base::Result<CheckDefinition> check_definition_of(json::Object body) {
  TRY(CheckDefinition check, check_in(std::move(body)));
  if (check.name.empty()) return base::invalid("Missing check name");
  if (check.id.empty()) check.id = check.name;
  TRY_VOID(is_name("check ID", check.id));
  return check;
}

}  // namespace caravan::api::consul
