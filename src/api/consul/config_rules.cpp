// SPDX-License-Identifier: Apache-2.0
// What an entry has to say, and what cannot stand together in it. Source: the public documentation
// of each kind.
#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/core.h>

#include "api/consul/config_shape.hpp"
#include "base/text.hpp"
#include "expr/filter.hpp"

namespace caravan::api::consul {
namespace {

using model::ConfigEntry;
using model::ConfigKind;

constexpr std::int64_t port_max = 65'535;
constexpr const char* any_service = "*";

bool has(const json::Value& object, std::string_view name) { return !object.at(name).is_null(); }
const json::Array& list(const json::Value& object, std::string_view name) {
  static const json::Array none;
  const json::Array* list = object.at(name).as_array();
  return list ? *list : none;
}
std::string shown(const std::string& text) { return base::printable(text, 80); }

base::Status at_most_one(const json::Value& object, const std::string& path,
                         std::initializer_list<std::string_view> names) {
  std::string first;
  for (const std::string_view name : names) {
    if (!has(object, name)) continue;
    if (!first.empty())
      return base::invalid(fmt::format("{}: {} and {} do not go together", path, first, name));
    first = name;
  }
  return {};
}

base::Status check_port(const json::Value& object, const std::string& path,
                        std::string_view name) {
  const std::int64_t* port = object.at(name).as_int();
  if (port && *port > 0 && *port <= port_max) return {};
  return base::invalid(fmt::format("{}.{}: is not a port within 1..{}", path, name, port_max));
}

base::Status check_expose(const json::Value& body) {
  std::size_t place = 0;
  for (const json::Value& exposed : list(body.at("Expose"), "Paths")) {
    const std::string path = fmt::format("Expose.Paths[{}]", place++);
    if (!exposed.text_at("Path").starts_with('/'))
      return base::invalid(path + ".Path: has to begin with a slash");
    TRY_VOID(check_port(exposed, path, "LocalPathPort"));
    if (has(exposed, "ListenerPort")) TRY_VOID(check_port(exposed, path, "ListenerPort"));
  }
  return {};
}

/// Of a request's path, headers and query parameters, as routes and permissions look at them.
base::Status check_http_match(const json::Value& http, const std::string& path) {
  TRY_VOID(at_most_one(http, path, {"PathExact", "PathPrefix", "PathRegex"}));
  for (const char* name : {"PathExact", "PathPrefix"})
    if (has(http, name) && !http.text_at(name).starts_with('/'))
      return base::invalid(fmt::format("{}.{}: has to begin with a slash", path, name));
  std::size_t place = 0;
  for (const json::Value& header : list(http, "Header")) {
    const std::string at = fmt::format("{}.Header[{}]", path, place++);
    if (!has(header, "Name")) return base::invalid(at + ".Name: is missing");
    TRY_VOID(at_most_one(header, at, {"Present", "Exact", "Prefix", "Suffix", "Regex"}));
  }
  place = 0;
  for (const json::Value& parameter : list(http, "QueryParam")) {
    const std::string at = fmt::format("{}.QueryParam[{}]", path, place++);
    if (!has(parameter, "Name")) return base::invalid(at + ".Name: is missing");
    TRY_VOID(at_most_one(parameter, at, {"Present", "Exact", "Regex"}));
  }
  std::set<std::string> methods;
  for (const json::Value& method : list(http, "Methods"))
    if (!methods.insert(*method.as_string()).second)
      return base::invalid(
          fmt::format("{}.Methods: {} is there twice", path, shown(*method.as_string())));
  return {};
}

base::Status check_router(const json::Value& body) {
  std::size_t place = 0;
  for (const json::Value& route : list(body, "Routes")) {
    const std::string path = fmt::format("Routes[{}]", place++);
    const json::Value& http = route.at("Match").at("HTTP");
    TRY_VOID(check_http_match(http, path + ".Match.HTTP"));
    const json::Value& destination = route.at("Destination");
    const bool has_path = has(http, "PathExact") || has(http, "PathPrefix");
    if (has(destination, "PrefixRewrite") && !has_path)
      return base::invalid(
          path + ".Destination.PrefixRewrite: needs a PathPrefix or PathExact to match");
  }
  return {};
}

/// Weights are shares of 100 in hundredths.
base::Status check_splitter(const json::Value& body) {
  constexpr double whole = 10'000;
  double sum = 0;
  std::set<std::pair<std::string, std::string>> known;
  if (list(body, "Splits").empty()) return base::invalid("Splits: no splits configured");
  std::size_t place = 0;
  for (const json::Value& split : list(body, "Splits")) {
    const std::string path = fmt::format("Splits[{}]", place++);
    const double hundredths = std::round(split.at("Weight").number() * 100);
    if (!(hundredths >= 0 && hundredths <= whole))
      return base::invalid(path + ".Weight: is outside 0..100");
    sum += hundredths;
    if (!known.emplace(split.text_at("Service"), split.text_at("ServiceSubset")).second)
      return base::invalid(path + ": split destination occurs more than once");
  }
  if (sum != whole)
    return base::invalid(
        fmt::format("Splits: the sum of all weights must be 100, not {}", sum / 100));
  return {};
}

base::Status check_resolver(const json::Value& body) {
  const json::Value& subsets = body.at("Subsets");
  if (const json::Object* all = subsets.as_object())
    for (const json::Member& subset : *all) {
      const std::string path = fmt::format("Subsets[\"{}\"]", shown(subset.name));
      if (subset.name.empty()) return base::invalid(path + ": subset defined with empty name");
      if (!has(subset.value, "Filter")) continue;
      const auto filter = expr::Filter::parse(subset.value.text_at("Filter"));
      if (!filter) return base::invalid(path + ".Filter: " + filter.error().message);
    }
  const std::string chosen = body.text_at("DefaultSubset");
  if (!chosen.empty() && !has(subsets, chosen))
    return base::invalid(
        fmt::format("DefaultSubset: \"{}\" is not a valid subset", shown(chosen)));
  const json::Value& redirect = body.at("Redirect");
  if (has(redirect, "ServiceSubset") && !has(redirect, "Service"))
    return base::invalid("Redirect.ServiceSubset: needs a Service");
  if (const json::Object* all = body.at("Failover").as_object())
    for (const json::Member& failover : *all) {
      const std::string path = fmt::format("Failover[\"{}\"]", shown(failover.name));
      if (failover.name != any_service && !has(subsets, failover.name))
        return base::invalid(path + ": is not a valid subset");
      const json::Value& to = failover.value;
      if (!has(to, "Service") && !has(to, "ServiceSubset") && !has(to, "Datacenters"))
        return base::invalid(
            path + ": one of Service, ServiceSubset and Datacenters is required");
    }
  return {};
}

base::Status check_listener(const json::Value& listener, const std::string& path) {
  TRY_VOID(check_port(listener, path, "Port"));
  const std::string protocol = has(listener, "Protocol") ? listener.text_at("Protocol") : "tcp";
  const json::Array& services = list(listener, "Services");
  if (services.empty()) return base::invalid(path + ".Services: no service declared");
  if (protocol == "tcp" && services.size() > 1)
    return base::invalid(path + ".Services: a listener of tcp has only one");
  std::set<std::string> names, hosts;
  for (const json::Value& service : services) {
    const std::string name = service.text_at("Name");
    if (name.empty()) return base::invalid(path + ".Services: a Name is missing");
    if (!names.insert(name).second)
      return base::invalid(fmt::format("{}.Services: {} is there twice", path, shown(name)));
    if (name == any_service && protocol == "tcp")
      return base::invalid(path + ".Services: a listener of tcp takes no wildcard");
    if (!list(service, "Hosts").empty() && (protocol == "tcp" || name == any_service))
      return base::invalid(path + ".Services: Hosts go with a name and a protocol of HTTP only");
    for (const json::Value& host : list(service, "Hosts"))
      if (!hosts.insert(*host.as_string()).second)
        return base::invalid(fmt::format("{}.Services: the host {} is there twice", path,
                                         shown(*host.as_string())));
  }
  return {};
}

base::Status check_ingress(const json::Value& body) {
  std::set<std::int64_t> ports;
  std::size_t place = 0;
  for (const json::Value& listener : list(body, "Listeners")) {
    const std::string path = fmt::format("Listeners[{}]", place++);
    TRY_VOID(check_listener(listener, path));
    if (!ports.insert(*listener.at("Port").as_int()).second)
      return base::invalid(path + ".Port: port declared on two listeners");
  }
  return {};
}

base::Status check_terminating(const json::Value& body) {
  std::set<std::string> names;
  std::size_t place = 0;
  for (const json::Value& service : list(body, "Services")) {
    const std::string path = fmt::format("Services[{}]", place++);
    const std::string name = service.text_at("Name");
    if (name.empty()) return base::invalid(path + ".Name: is missing");
    if (!names.insert(name).second)
      return base::invalid(fmt::format("{}.Name: {} is there twice", path, shown(name)));
    const bool has_pair = has(service, "CertFile") && has(service, "KeyFile");
    const bool has_either = has(service, "CertFile") || has(service, "KeyFile");
    if (has_either && !(has_pair && has(service, "CAFile")))
      return base::invalid(path + ": CAFile, CertFile and KeyFile go together");
  }
  return {};
}

base::Status check_source(const json::Value& source, const std::string& path) {
  if (source.text_at("Name").empty()) return base::invalid(path + ".Name: is missing");
  const json::Array& permissions = list(source, "Permissions");
  if (has(source, "Action") == !permissions.empty())
    return base::invalid(path + ": one of Action and Permissions is needed, and only one");
  std::size_t place = 0;
  for (const json::Value& permission : permissions) {
    const std::string at = fmt::format("{}.Permissions[{}]", path, place++);
    if (!has(permission, "Action")) return base::invalid(at + ".Action: is missing");
    if (!has(permission, "HTTP")) return base::invalid(at + ".HTTP: is missing");
    TRY_VOID(check_http_match(permission.at("HTTP"), at + ".HTTP"));
  }
  return {};
}

base::Status check_intentions(const ConfigEntry& entry) {
  const json::Array& sources = list(entry.body, "Sources");
  if (sources.empty()) return base::invalid("Sources: at least one source is required");
  std::set<std::string> names;
  std::size_t place = 0;
  for (const json::Value& source : sources) {
    const std::string path = fmt::format("Sources[{}]", place++);
    TRY_VOID(check_source(source, path));
    if (!list(source, "Permissions").empty() && entry.name == any_service)
      return base::invalid(path + ".Permissions: not for a wildcard destination");
    if (!names.insert(source.text_at("Name")).second)
      return base::invalid(
          fmt::format("{}.Name: {} is there twice", path, shown(source.text_at("Name"))));
  }
  return {};
}

base::Status check_name(const ConfigEntry& entry) {
  if (entry.name.empty()) return base::invalid("Name is required");
  const bool is_plain =
      std::ranges::none_of(entry.name, [](unsigned char c) { return c < 0x20 || c == '/'; });
  if (entry.name.size() > model::config_name_max || !is_plain)
    return base::invalid(fmt::format("Name: \"{}\" is no name of an entry", shown(entry.name)));
  const bool is_of_proxies = entry.kind == ConfigKind::proxy_defaults;
  if (is_of_proxies && entry.name != model::proxy_defaults_name)
    return base::invalid(fmt::format("Name: \"{}\" must be \"{}\"", shown(entry.name),
                                     model::proxy_defaults_name));
  const bool takes_any = entry.kind == ConfigKind::service_intentions;
  if (entry.name == any_service && !takes_any)
    return base::invalid("Name: a wildcard is for service-intentions only");
  return {};
}

}  // namespace

base::Status check_config_entry(const ConfigEntry& entry) {
  TRY_VOID(check_name(entry));
  switch (entry.kind) {
    case ConfigKind::service_defaults:
    case ConfigKind::proxy_defaults:
      return check_expose(entry.body);
    case ConfigKind::service_router:
      return check_router(entry.body);
    case ConfigKind::service_splitter:
      return check_splitter(entry.body);
    case ConfigKind::service_resolver:
      return check_resolver(entry.body);
    case ConfigKind::ingress_gateway:
      return check_ingress(entry.body);
    case ConfigKind::terminating_gateway:
      return check_terminating(entry.body);
    case ConfigKind::service_intentions:
      return check_intentions(entry);
  }
  return {};
}

}  // namespace caravan::api::consul
