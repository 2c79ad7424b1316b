// SPDX-License-Identifier: Apache-2.0
// Labels of routers. Source of their meaning: Traefik's public documentation.
#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingress/traefik_middleware.hpp"
#include "ingress/traefik_rule.hpp"
#include "ingress/traefik_service.hpp"
#include "ingress/traefik_value.hpp"
#include "ingress/wish.hpp"

namespace caravan::ingress {
namespace {

constexpr std::size_t labels_max = 256;   // of one instance
constexpr std::size_t routers_max = 64;   // of one instance

/// Fills in {{ normalize .Name }} and {{ .Name }}. Errors: unsupported (any other template).
base::Result<std::string> fill_in(const std::string& rule, const std::string& service) {
  std::string made;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = rule.find("{{", at);
    if (open == std::string::npos) return made + rule.substr(at);
    const std::size_t close = rule.find("}}", open);
    if (close == std::string::npos) return base::invalid("default_rule: {{ without }}");
    made += rule.substr(at, open - at);
    const std::string_view inner =
        base::trim(std::string_view(rule).substr(open + 2, close - open - 2));
    if (inner == "normalize .Name")
      made += normalize(service);
    else if (inner == ".Name")
      made += service;
    else
      return base::fail(base::Code::unsupported,
                        fmt::format("default_rule: {{{{ {} }}}} is not built; .Name and normalize "
                                    ".Name are",
                                    base::printable(inner, 60)));
    at = close + 2;
  }
}

/// One instance's labels, read router by router.
class Reader {
 public:
  Reader(const Instance& instance, const Settings& settings, Labels labels,
         std::vector<Problem>& problems)
      : instance_(instance), settings_(settings), labels_(std::move(labels)), problems_(problems) {}

  std::vector<Wish> wishes() {
    std::set<std::string> routers = names_below(labels_, "http.routers.");
    const std::set<std::string> of_tcp = names_below(labels_, "tcp.routers.");
    if (labels_.lower_bound("udp.") != labels_.end() &&
        labels_.lower_bound("udp.")->first.starts_with("udp."))
      report("traefik.udp", "udp is not built yet");
    // A service that says nothing of routers has one by the default rule.
    if (routers.empty() && of_tcp.empty())
      routers.insert(base::to_lower(normalize(instance_.service)));
    if (routers.size() + of_tcp.size() > routers_max) {
      report("traefik", fmt::format("more than {} routers", routers_max));
      return {};
    }
    for (const std::string& name : routers)
      if (const base::Status taken = http_router(name); !taken)
        report("router " + name, taken.error().message);
    for (const std::string& name : of_tcp)
      if (const base::Status taken = tcp_router(name); !taken)
        report("tcp router " + name, taken.error().message);
    return std::move(wishes_);
  }

 private:
  void report(std::string where, std::string what) {
    problems_.push_back({instance_.service, base::printable(where, 120), std::move(what)});
  }

  base::Status take_entry_points(Route& route, const std::string& text) {
    for (const std::string& name : listed(text)) {
      const auto found = std::ranges::find_if(
          settings_.entry_points,
          [&](const EntryPoint& e) { return base::to_lower(e.name) == base::to_lower(name); });
      if (found == settings_.entry_points.end())
        return base::invalid(
            fmt::format("the ingress has no entry point \"{}\"", base::printable(name, 60)));
      route.entry_points.push_back(found->name);
    }
    return {};
  }

  base::Status http_router(const std::string& name) {
    Wish wish;
    wish.key = "router " + name + "@" + instance_.door;
    wish.port = instance_.port;
    Route& route = wish.route;
    route.tag = "router " + name;
    const std::string prefix = "http.routers." + name + ".";
    std::string rule, service;
    for (auto at = labels_.lower_bound(prefix);
         at != labels_.end() && at->first.starts_with(prefix); ++at) {
      const std::string option = at->first.substr(prefix.size());
      const std::string& value = at->second;
      if (option == "rule") {
        rule = value;
      } else if (option == "service") {
        service = value;
      } else if (option == "priority") {
        const base::Result<long long> priority = base::parse_int(value);
        constexpr long long most = 1'000'000'000;
        if (!priority || *priority < 0 || *priority > most)
          return base::invalid(fmt::format("priority: outside 0..{}", most));
        route.priority = *priority;
      } else if (option == "entrypoints") {
        TRY_VOID(take_entry_points(route, value));
      } else if (option == "middlewares") {
        for (const std::string& middleware : listed(value))
          TRY_VOID(take_middleware(route.treatment, labels_, middleware));
      } else if (option == "tls") {
        TRY(const bool is_tls, truth(value, "tls"));
        route.wants_tls = route.wants_tls || is_tls;
      } else if (option == "tls.certresolver" || option.starts_with("tls.domains")) {
        route.wants_tls = true;  // certificates are the ingress's own affair
      } else if (option != "rulesyntax" && !option.starts_with("observability.")) {
        return base::fail(base::Code::unsupported,
                          fmt::format("{} is not built yet", base::printable(option, 60)));
      }
    }
    if (rule.empty()) {
      TRY(rule, fill_in(settings_.default_rule, instance_.service));
    }
    TRY(route.rule, parse_rule(rule));
    route.source = rule;
    if (route.priority == 0) route.priority = static_cast<std::int64_t>(rule.size());
    TRY(const std::string chosen, chosen_service(instance_, labels_, "http", service));
    TRY_VOID(take_service(wish, instance_, labels_, "http", chosen));
    wishes_.push_back(std::move(wish));
    return {};
  }

  base::Status tcp_router(const std::string& name) {
    const std::string prefix = "tcp.routers." + name + ".";
    Wish wish;
    wish.port = instance_.port;
    wish.route.tag = "tcp router " + name;
    std::string service;
    bool passes = false, is_tls = false;
    for (auto at = labels_.lower_bound(prefix);
         at != labels_.end() && at->first.starts_with(prefix); ++at) {
      const std::string option = at->first.substr(prefix.size());
      if (option == "rule") {
        wish.route.source = at->second;
      } else if (option == "service") {
        service = at->second;
      } else if (option == "entrypoints") {
        TRY_VOID(take_entry_points(wish.route, at->second));
      } else if (option == "tls.passthrough") {
        TRY(passes, truth(at->second, "tls.passthrough"));
      } else if (option == "tls") {
        TRY(is_tls, truth(at->second, "tls"));
      } else {
        return base::fail(base::Code::unsupported,
                          fmt::format("{} is not built yet", base::printable(option, 60)));
      }
    }
    TRY(const std::vector<std::string> hosts, parse_sni_rule(wish.route.source));
    TRY(const std::string chosen, chosen_service(instance_, labels_, "tcp", service));
    TRY_VOID(take_service(wish, instance_, labels_, "tcp", chosen));
    if (is_tls && !passes)
      return base::fail(base::Code::unsupported,
                        "TLS that ends at the ingress is built for http routers only; set "
                        "tls.passthrough=true");
    for (const std::string& host : hosts) {
      Wish one = wish;
      if (host == "*" && !passes) {
        one.route.protocol = Protocol::tcp;
        TRY_VOID(check_takes_all(one.route));
      } else if (host == "*" || !passes) {
        return base::invalid("HostSNI(`*`) goes with a tcp entry point, and names go with "
                             "tls.passthrough=true");
      } else {
        one.route.protocol = Protocol::sni;
        one.route.host = host;
      }
      one.key = fmt::format("tcp router {}@{} {}", name, instance_.door, host);
      wishes_.push_back(std::move(one));
    }
    return {};
  }

  /// Who wants all bytes needs a port of its own.
  base::Status check_takes_all(const Route& route) const {
    if (route.entry_points.empty())
      return base::invalid("HostSNI(`*`) has to name a tcp entry point in entrypoints");
    for (const EntryPoint& entry : settings_.entry_points)
      if (std::ranges::find(route.entry_points, entry.name) != route.entry_points.end() &&
          !entry.is_tcp)
        return base::invalid(fmt::format(
            "HostSNI(`*`): the entry point \"{}\" is not for tcp (set protocol = \"tcp\")",
            entry.name));
    return {};
  }

  const Instance& instance_;
  const Settings& settings_;
  const Labels labels_;
  std::vector<Problem>& problems_;
  std::vector<Wish> wishes_;
};

}  // namespace

std::vector<Wish> traefik_wishes(const Instance& instance, const Settings& settings,
                                 std::vector<Problem>& problems) {
  Labels labels;
  const std::string prefix = base::to_lower(settings.label_prefix) + ".";
  for (const std::string& tag : instance.tags) {
    const std::size_t equals = tag.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = base::to_lower(base::trim(std::string_view(tag).substr(0, equals)));
    if (!name.starts_with(prefix)) continue;
    if (labels.size() == labels_max) {
      problems.push_back(
          {instance.service, "traefik", fmt::format("more than {} labels", labels_max)});
      return {};
    }
    labels[name.substr(prefix.size())] =
        std::string(base::trim(std::string_view(tag).substr(equals + 1)));
  }
  const auto enable = labels.find("enable");
  if (enable == labels.end() && !settings.exposed_by_default) return {};
  if (enable != labels.end()) {
    const base::Result<bool> is_on = truth(enable->second, "traefik.enable");
    if (!is_on) problems.push_back({instance.service, "traefik.enable", is_on.error().message});
    if (!is_on || !*is_on) return {};
  }
  return Reader(instance, settings, std::move(labels), problems).wishes();
}

}  // namespace caravan::ingress
