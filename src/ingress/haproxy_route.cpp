// SPDX-License-Identifier: Apache-2.0
#include "ingress/haproxy_route.hpp"

#include <fmt/core.h>

#include "ingress/haproxy_config.hpp"

namespace caravan::ingress {
namespace {

using Kind = Rule::Kind;
using Alternatives = std::vector<std::string>;

// X-Forwarded-For of a believed proxy may name so many; more of them are refused.
constexpr int forwarded_max = 8;
constexpr std::size_t alternatives_max = 256;

/// One question as an anonymous condition, or what it is not.
std::string condition(const Rule& rule, bool negated) {
  const char* sign = negated ? "!" : "";
  switch (rule.kind) {
    case Kind::host: return fmt::format("{}{{ var(txn.host) -m str -- {} }}", sign, quoted(rule.text));
    case Kind::host_regexp:
      return fmt::format("{}{{ var(txn.host) -m reg -i -- {} }}", sign, quoted(rule.text));
    case Kind::path: return fmt::format("{}{{ path -m str -- {} }}", sign, quoted(rule.text));
    case Kind::path_prefix: return fmt::format("{}{{ path -m beg -- {} }}", sign, quoted(rule.text));
    case Kind::path_regexp: return fmt::format("{}{{ path -m reg -- {} }}", sign, quoted(rule.text));
    case Kind::method: return fmt::format("{}{{ method -m str -- {} }}", sign, quoted(rule.text));
    case Kind::header:
      return fmt::format("{}{{ req.fhdr({}) -m str -- {} }}", sign, rule.name, quoted(rule.text));
    case Kind::header_regexp:
      return fmt::format("{}{{ req.fhdr({}) -m reg -- {} }}", sign, rule.name, quoted(rule.text));
    case Kind::query:
      return fmt::format("{}{{ url_param({}) -m str -- {} }}", sign, rule.name, quoted(rule.text));
    case Kind::client_ip: return fmt::format("{}{{ src {} }}", sign, quoted(rule.text));
    default: return "";
  }
}

Alternatives alternatives(const Rule& rule, bool negated);

/// Every way to fulfil one and the other.
Alternatives both(const Alternatives& a, const Alternatives& b) {
  Alternatives made;
  for (const std::string& left : a)
    for (const std::string& right : b)
      if (made.size() < alternatives_max)
        made.push_back(left.empty() || right.empty() ? left + right : left + " " + right);
  return made;
}

Alternatives every(const std::vector<Rule>& parts, bool negated) {
  Alternatives made = {""};
  for (const Rule& part : parts)
    made = both(made, alternatives(part, negated));
  return made;
}

Alternatives some(const std::vector<Rule>& parts, bool negated) {
  Alternatives made;
  for (const Rule& part : parts)
    for (std::string& one : alternatives(part, negated))
      if (made.size() < alternatives_max) made.push_back(std::move(one));
  return made;
}

Alternatives alternatives(const Rule& rule, bool negated) {
  switch (rule.kind) {
    case Kind::all: return negated ? some(rule.parts, true) : every(rule.parts, false);
    case Kind::any: return negated ? every(rule.parts, true) : some(rule.parts, false);
    case Kind::none: return alternatives(rule.parts[0], !negated);
    case Kind::always: return negated ? Alternatives() : Alternatives{""};
    default: return {condition(rule, negated)};
  }
}

class Backend {
 public:
  Backend(const Settings& settings, const Route& route)
      : settings_(settings), route_(route), t_(route.treatment) {}

  std::string text() {
    line("\nbackend {}", route_.id);
    if (route_.protocol != Protocol::http) {
      line("  mode tcp");
    } else {
      write_gates();
      write_redirect();
      // What is sent elsewhere always has nothing more done to it.
      const bool ends = t_.redirect && t_.redirect->scheme.empty();
      if (!ends) write_rewriting();
      if (!ends) write_headers();
      // After the gates, which look at what a believed proxy wrote there.
      if (!ends) line("  http-request add-header X-Forwarded-For %[var(sess.client)]");
      if (settings_.retry_gets && !ends) write_retry();
    }
    line("  balance {}", settings_.strategy == Strategy::random ? "random" : "roundrobin");
    write_sticky();
    write_check();
    write_servers_default();
    return std::move(out_);
  }

 private:
  /// Only what may be asked twice is, and only before anything of an answer came. The request is
  /// kept until then, which costs a quarter of all that a request costs.
  void write_retry() {
    line("  retry-on conn-failure empty-response");
    line("  http-request disable-l7-retry unless METH_GET");
  }

  template <class... T>
  void line(fmt::format_string<T...> format, T&&... values) {
    out_ += fmt::format(format, std::forward<T>(values)...);
    out_ += '\n';
  }

  /// The connection's address, and each that a believed proxy names: all have to be allowed, and
  /// none denied.
  void write_gates() {
    const char* refusal =
        "http-request return status 403 content-type text/plain string 'access denied' if";
    if (!t_.allow.empty() || !t_.deny.empty())
      line("  {} {{ req.hdr_cnt(x-forwarded-for) gt {} }}", refusal, forwarded_max);
    for (const std::string& network : t_.deny) {
      line("  acl is_denied src {}", quoted(network));
      line("  acl is_denied req.hdr_ip(x-forwarded-for) {}", quoted(network));
    }
    if (!t_.deny.empty()) line("  {} is_denied", refusal);
    if (!t_.allow.empty()) {
      for (const std::string& network : t_.allow)
        line("  acl is_allowed src {}", quoted(network));
      line("  {} !is_allowed", refusal);
      for (int i = 1; i <= forwarded_max; ++i) {
        for (const std::string& network : t_.allow)
          line("  acl is_allowed_{} req.hdr_ip(x-forwarded-for,{}) {}", i, i, quoted(network));
        line("  {} {{ req.hdr(x-forwarded-for,{}) -m found }} !is_allowed_{}", refusal, i, i);
      }
    }
    if (t_.rate) {
      const std::int64_t ms = t_.rate->period.count() / 1'000'000;
      line("  stick-table type ipv6 size 100k expire {}ms store http_req_rate({}ms)", 2 * ms, ms);
      line("  http-request track-sc0 src");
      line("  http-request return status 429 content-type text/plain string 'too many requests' if "
           "{{ sc_http_req_rate(0) gt {} }}",
           t_.rate->requests);
    }
    if (t_.auth) {
      line("  http-request auth realm {} unless {{ http_auth({}) }}", quoted(t_.auth->realm),
           route_.id);
      if (t_.auth->hides_header) line("  http-request del-header Authorization");
    }
  }

  void write_redirect() {
    if (!t_.redirect) return;
    const Redirect& r = *t_.redirect;
    if (!r.scheme.empty()) {
      // Who is there already is not sent there.
      line("  http-request redirect code {} location {}://%[var(txn.host)]{}%[pathq] {} "
           "{{ req.hdr(X-Forwarded-Proto) -m str https }}",
           r.status, r.scheme, r.port.empty() ? "" : ":" + r.port,
           r.scheme == "https" ? "unless" : "if");
      return;
    }
    std::string location = quoted_format(r.location);
    const auto fill = [&](std::string_view name, std::string_view with) {
      for (std::size_t at = location.find(name); at != std::string::npos;
           at = location.find(name, at + with.size()))
        location.replace(at, name.size(), with);
    };
    fill("$path", "%[pathq]");
    fill("$host", "%[var(txn.host)]");
    line("  http-request redirect code {} location {}", r.status, location);
  }

  void write_rewriting() {
    int number = 0;
    for (const std::string& prefix : t_.strip) {
      ++number;
      const std::string here = fmt::format("{{ path -m beg {} }} !{{ var(txn.strip) -m found }}",
                                           quoted(prefix));
      const bool is_only = t_.strip.size() == 1;
      line("  http-request set-header X-Forwarded-Prefix {} if {}", quoted_format(prefix), here);
      if (!is_only) line("  http-request set-var(txn.strip) int({}) if {}", number, here);
      line("  http-request replace-path {} {}{}", quoted("^\\Q" + prefix + "\\E/?(.*)$"),
           quoted("/\\1"),
           is_only ? "" : fmt::format(" if {{ var(txn.strip) -m int {} }}", number));
    }
    if (!t_.strip.empty()) {
      // "/a../b" without "/a" is not to lead out of where it leads.
      line("  http-request normalize-uri path-strip-dot if {{ path -m sub '/.' }}");
      line("  http-request normalize-uri path-strip-dotdot full if {{ path -m sub '/.' }}");
    }
    if (!t_.prepend.empty()) {
      std::string path = quoted_format(t_.prepend);
      path.insert(path.size() - 1, "%[path]");
      line("  http-request set-path {}", path);
    }
    if (!t_.host.empty()) line("  http-request set-header Host {}", quoted_format(t_.host));
  }

  void write_headers() {
    const auto change = [&](const char* side, const HeaderChanges& changes) {
      for (const auto& [name, value] : changes) {
        if (value.empty())
          line("  {} del-header {}", side, name);
        else
          line("  {} set-header {} {}", side, name, quoted_format(value));
      }
    };
    change("http-request", t_.request_headers);
    change("http-response", t_.response_headers);
  }

  void write_sticky() {
    if (!t_.sticky) return;
    const StickyCookie& c = *t_.sticky;
    std::string options;
    if (c.is_secure) options += " secure";
    if (c.is_http_only) options += " httponly";
    if (!c.same_site.empty())
      options += fmt::format(" attr {}", quoted("SameSite=" + c.same_site));
    if (c.max_age_s > 0) options += fmt::format(" attr {}", quoted(fmt::format("Max-Age={}", c.max_age_s)));
    // The value comes from the server's address, so that it means the same at every ingress.
    line("  dynamic-cookie-key caravan");
    line("  cookie {} insert indirect nocache dynamic{}", c.name, options);
  }

  void write_check() {
    const HealthCheck& check = t_.check;
    if (route_.protocol != Protocol::http || check.path.empty()) return;
    line("  option httpchk");
    line("  http-check send meth {} uri {} ver HTTP/1.1 hdr Host {}",
         check.method.empty() ? "GET" : check.method, quoted(check.path),
         check.host.empty() ? "caravan" : quoted(check.host));
    line("  http-check expect status {}",
         check.status == 0 ? "200-399" : std::to_string(check.status));
    if (check.timeout.count() > 0) line("  timeout check {}ms", check.timeout.count() / 1'000'000);
  }

  void write_servers_default() {
    const HealthCheck& check = t_.check;
    const base::Duration interval =
        check.interval.count() > 0 ? check.interval : settings_.check_interval;
    const std::int64_t ms = interval.count() / 1'000'000;
    std::string more;
    if (check.port > 0) more += fmt::format(" port {}", check.port);
    if (t_.sends_proxy) more += " send-proxy";
    if (t_.to_tls) {
      more += " ssl sni var(txn.host)";
      if (t_.skips_verify)
        more += " verify none";
      else
        more += fmt::format(" verify required ca-file {}",
                            settings_.upstream_ca.empty() ? "@system-ca"
                                                          : quoted(settings_.upstream_ca));
    }
    line("  default-server check inter {}ms fastinter {}ms downinter {}ms fall 2 rise 1 observe "
         "layer4{}",
         ms, std::max<std::int64_t>(ms / 2, 1), ms, more);
  }

  const Settings& settings_;
  const Route& route_;
  const Treatment& t_;
  std::string out_;
};

}  // namespace

Alternatives conditions_of(const Rule& rule) { return alternatives(rule, false); }

std::string host_match(const std::string& host) {
  if (host.find('*') == std::string::npos) return "str -- " + quoted(host);
  std::string expression = "^";
  for (const char c : host)
    if (c == '*')
      expression += ".*";
    else if (c == '.')
      expression += "\\.";
    else
      expression += c;
  return "reg -- " + quoted(expression + "$");
}

std::string backend_text(const Settings& settings, const Route& route) {
  return Backend(settings, route).text();
}

}  // namespace caravan::ingress
