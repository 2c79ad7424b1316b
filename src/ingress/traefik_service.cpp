// SPDX-License-Identifier: Apache-2.0
#include "ingress/traefik_service.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingress/fabio_tag.hpp"
#include "ingress/traefik_value.hpp"

namespace caravan::ingress {
namespace {

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

}  // namespace

std::set<std::string> names_below(const Labels& labels, const std::string& prefix) {
  std::set<std::string> names;
  for (auto at = labels.lower_bound(prefix); at != labels.end() && at->first.starts_with(prefix);
       ++at) {
    const std::string rest = at->first.substr(prefix.size());
    names.insert(rest.substr(0, rest.find('.')));
  }
  return names;
}

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

base::Result<std::string> chosen_service(const Instance& instance, const Labels& labels,
                                         const std::string& kind, const std::string& named) {
  const std::set<std::string> defined = names_below(labels, kind + ".services.");
  const std::string name = without_provider(named);
  if (!name.empty()) {
    if (!defined.contains(name) && name != base::to_lower(normalize(instance.service)) &&
        name != base::to_lower(instance.service))
      return base::fail(base::Code::unsupported,
                        fmt::format("service \"{}\" is not defined by these labels",
                                    base::printable(named, 60)));
    return name;
  }
  if (defined.size() > 1) return base::invalid("there are several services, and none is named");
  return defined.empty() ? "" : *defined.begin();
}

base::Status take_service(Wish& wish, const Instance& instance, const Labels& labels,
                          const std::string& kind, const std::string& service) {
  Treatment& t = wish.route.treatment;
  const std::string prefix = kind + ".services." + service + ".loadbalancer.";
  const std::string of_service = kind + ".services." + service + ".";
  if (service.empty()) return {};
  for (auto at = labels.lower_bound(of_service);
       at != labels.end() && at->first.starts_with(of_service); ++at) {
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
      if (!t.sticky) TRY_VOID(take_cookie(t.sticky, "secure", "false", instance.service));
    } else if (option.starts_with("sticky.cookie.")) {
      TRY_VOID(
          take_cookie(t.sticky, std::string_view(option).substr(14), value, instance.service));
    } else if (option == "proxyprotocol.version" && value == "1") {
      t.sends_proxy = true;
    } else if (!option.starts_with("responseforwarding.")) {
      return base::fail(base::Code::unsupported,
                        fmt::format("{} is not built yet", base::printable(at->first, 100)));
    }
  }
  return {};
}

}  // namespace caravan::ingress
