// SPDX-License-Identifier: Apache-2.0
// Labels of routers and services. Source of their meaning: Traefik's public documentation.
#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingress/fabio_tag.hpp"
#include "ingress/traefik_middleware.hpp"
#include "ingress/traefik_rule.hpp"
#include "ingress/traefik_value.hpp"
#include "ingress/wish.hpp"

namespace caravan::ingress {
namespace {

constexpr std::size_t labels_max = 256;   // of one instance
constexpr std::size_t routers_max = 64;   // of one instance

/// The second word after `prefix` of every label: the names of routers or services.
std::set<std::string> names_below(const Labels& labels, const std::string& prefix) {
  std::set<std::string> names;
  for (auto at = labels.lower_bound(prefix); at != labels.end() && at->first.starts_with(prefix);
       ++at) {
    const std::string rest = at->first.substr(prefix.size());
    names.insert(rest.substr(0, rest.find('.')));
  }
  return names;
}

/// What Traefik's function of that name makes of a name: words of letters and digits, joined by -.
std::string normalize(std::string_view name) {
  std::string made;
  for (const char c : name) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_word)
      made += c;
    else if (!made.empty() && made.back() != '-')
      made += '-';
  }
  while (made.ends_with('-')) made.pop_back();
  return made;
}

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

base::Result<base::Duration> duration_of(const std::string& text, std::string_view what) {
  const base::Result<long long> seconds = base::parse_int(text);
  base::Duration duration{};
  if (seconds && *seconds <= 86'400) {
    duration = std::chrono::seconds(*seconds);
  } else {
    TRY(duration, base::parse_duration(text));
  }
  if (duration < std::chrono::milliseconds(100) || duration > std::chrono::hours(1))
    return base::invalid(fmt::format("{}: outside 100ms..1h", what));
  return duration;
}

base::Result<int> port_of(const std::string& text, std::string_view what) {
  const base::Result<long long> port = base::parse_int(text);
  if (!port || *port < 1 || *port > 65'535)
    return base::invalid(
        fmt::format("{}: \"{}\" is no port (1..65535)", what, base::printable(text, 40)));
  return static_cast<int>(*port);
}

base::Status take_check(HealthCheck& check, std::string_view option, const std::string& value) {
  if (option == "path") {
    TRY(check.path, checked_path(value, "healthcheck.path"));
  } else if (option == "hostname") {
    TRY(check.host, checked_host(value, "healthcheck.hostname", 0));
  } else if (option == "method") {
    for (const char c : value)
      if ((c | 32) < 'a' || (c | 32) > 'z')
        return base::invalid("healthcheck.method: has to be a word");
    check.method = base::to_upper(value);
  } else if (option == "port") {
    TRY(check.port, port_of(value, "healthcheck.port"));
  } else if (option == "status") {
    TRY(check.status, port_of(value, "healthcheck.status"));
    if (check.status < 100 || check.status > 599)
      return base::invalid("healthcheck.status: outside 100..599");
  } else if (option == "interval") {
    TRY(check.interval, duration_of(value, "healthcheck.interval"));
  } else if (option == "timeout") {
    TRY(check.timeout, duration_of(value, "healthcheck.timeout"));
  } else {
    return base::fail(base::Code::unsupported,
                      fmt::format("healthcheck.{} is not built yet", option));
  }
  return {};
}

base::Status take_cookie(std::optional<StickyCookie>& sticky, std::string_view option,
                         const std::string& value, const std::string& service) {
  if (!sticky) sticky = StickyCookie{"_" + normalize(service).substr(0, 32), false, false, "", 0};
  if (option == "name") {
    TRY(sticky->name, checked_host(value, "sticky.cookie.name", 0));
    sticky->name = value;
  } else if (option == "secure") {
    TRY(sticky->is_secure, truth(value, "sticky.cookie.secure"));
  } else if (option == "httponly") {
    TRY(sticky->is_http_only, truth(value, "sticky.cookie.httponly"));
  } else if (option == "samesite") {
    sticky->same_site = base::to_lower(value);
    if (sticky->same_site != "none" && sticky->same_site != "lax" && sticky->same_site != "strict")
      return base::invalid("sticky.cookie.samesite: none of none, lax, strict");
  } else if (option == "maxage") {
    const base::Result<long long> seconds = base::parse_int(value);
    constexpr long long year_s = 366 * 86'400;
    if (!seconds || *seconds < 0 || *seconds > year_s)
      return base::invalid("sticky.cookie.maxage: outside a year");
    sticky->max_age_s = *seconds;
  } else {
    return base::fail(base::Code::unsupported,
                      fmt::format("sticky.cookie.{} is not built yet", option));
  }
  return {};
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

  /// Which of the services defined here: the one that is named, or the only one.
  base::Result<std::string> service_of(const std::string& kind, const std::string& named) {
    const std::set<std::string> defined = names_below(labels_, kind + ".services.");
    const std::string name = without_provider(named);
    if (!name.empty()) {
      if (!defined.contains(name) && name != base::to_lower(normalize(instance_.service)) &&
          name != base::to_lower(instance_.service))
        return base::fail(base::Code::unsupported,
                          fmt::format("service \"{}\" is not defined by these labels",
                                      base::printable(named, 60)));
      return name;
    }
    if (defined.size() > 1) return base::invalid("there are several services, and none is named");
    return defined.empty() ? "" : *defined.begin();
  }

  base::Status take_service(Wish& wish, const std::string& kind, const std::string& service) {
    Treatment& t = wish.route.treatment;
    const std::string prefix = kind + ".services." + service + ".loadbalancer.";
    const std::string of_service = kind + ".services." + service + ".";
    if (service.empty()) return {};
    for (auto at = labels_.lower_bound(of_service);
         at != labels_.end() && at->first.starts_with(of_service); ++at) {
      if (!at->first.starts_with(prefix))
        return base::fail(base::Code::unsupported,
                          fmt::format("{} is not built yet", base::printable(at->first, 100)));
      const std::string option = at->first.substr(prefix.size());
      const std::string& value = at->second;
      if (option == "server.port") {
        TRY(wish.port, port_of(value, "server.port"));
      } else if (option == "server.scheme") {
        if (value != "http" && value != "https")
          return base::fail(base::Code::unsupported, "server.scheme: only http and https are built");
        t.to_tls = value == "https";
      } else if (option == "passhostheader") {
        TRY(t.pass_host, truth(value, "passhostheader"));
        if (!t.pass_host)
          return base::fail(base::Code::unsupported, "passhostheader=false is not built yet");
      } else if (option.starts_with("healthcheck.")) {
        TRY_VOID(take_check(t.check, std::string_view(option).substr(12), value));
      } else if (option == "sticky.cookie" || option == "sticky") {
        if (!t.sticky) TRY_VOID(take_cookie(t.sticky, "secure", "false", instance_.service));
      } else if (option.starts_with("sticky.cookie.")) {
        TRY_VOID(
            take_cookie(t.sticky, std::string_view(option).substr(14), value, instance_.service));
      } else if (option == "proxyprotocol.version" && value == "1") {
        t.sends_proxy = true;
      } else if (!option.starts_with("responseforwarding.")) {
        return base::fail(base::Code::unsupported,
                          fmt::format("{} is not built yet", base::printable(at->first, 100)));
      }
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
    TRY(const std::string chosen, service_of("http", service));
    TRY_VOID(take_service(wish, "http", chosen));
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
    TRY(const std::string chosen, service_of("tcp", service));
    TRY_VOID(take_service(wish, "tcp", chosen));
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
