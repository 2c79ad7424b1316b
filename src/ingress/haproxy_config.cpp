// SPDX-License-Identifier: Apache-2.0
#include "ingress/haproxy_config.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "ingress/haproxy_route.hpp"

namespace caravan::ingress {
namespace {

constexpr const char* hosted_map = "hosted.map";      // "host/path" to backend
constexpr const char* hostless_map = "hostless.map";  // "/path" to backend
/// So few are asked one after the other, which costs less than looking into the maps.
constexpr std::ptrdiff_t asked_in_turn_max = 16;

std::int64_t ms(base::Duration duration) { return duration.count() / 1'000'000; }

bool is_http(const EntryPoint& entry) { return !entry.is_tcp; }

/// One of fabio's tags: it is chosen by host and path.
bool is_by_path(const Route& route) { return route.protocol == Protocol::http && !route.rule; }

bool looks_at_host(const Route& route) {
  return route.protocol == Protocol::http &&
         (route.rule || !route.host.empty() || route.treatment.redirect || route.treatment.to_tls);
}

/// Whether a route is answered at an entry point.
bool is_at(const Route& route, const EntryPoint& entry) {
  if (route.wants_tls && !entry.is_tls) return false;
  if (route.entry_points.empty()) return true;
  return std::ranges::find(route.entry_points, entry.name) != route.entry_points.end();
}

class Writer {
 public:
  Writer(const Settings& settings, const RoutingTable& table, const Placement& placement,
         const DataPlanePaths& paths)
      : settings_(settings), table_(table), placement_(placement), paths_(paths) {}

  Rendered write(const std::string& generation, bool with_servers) {
    with_servers_ = with_servers;
    asks_in_turn_ = std::ranges::count_if(table_.routes, is_by_path) <= asked_in_turn_max;
    if (!asks_in_turn_) write_maps();
    write_global(generation);
    write_defaults();
    write_users();
    for (const EntryPoint& entry : settings_.entry_points)
      is_http(entry) ? write_http_entry(entry) : write_tcp_entry(entry);
    for (const Route& route : table_.routes)
      if (route.protocol == Protocol::tcp && route.port != 0) write_port(route);
    write_metrics();
    write_no_route();
    for (const Route& route : table_.routes)
      write_backend(route);
    return {std::move(out_), std::move(files_)};
  }

 private:
  template <class... T>
  void line(fmt::format_string<T...> format, T&&... values) {
    out_ += fmt::format(format, std::forward<T>(values)...);
    out_ += '\n';
  }

  void write_maps() {
    std::string& hosted = files_[hosted_map];
    std::string& hostless = files_[hostless_map];
    for (const Route& route : table_.routes) {
      if (!is_by_path(route) || route.host.find('*') != std::string::npos) continue;
      (route.host.empty() ? hostless : hosted) +=
          fmt::format("{}{} {}\n", route.host, route.path, route.id);
    }
  }

  void write_global(const std::string& generation) {
    line("# Written by caravan: it is written again with each change.");
    line("global");
    line("  description {}", generation);
    line("  stats socket {} mode 600 level admin expose-fd listeners", quoted(paths_.control));
    line("  maxconn {}", settings_.connections_max);
    line("  no strict-limits");
    // Taking a connection to a server from another thread costs more than having one of one's own.
    line("  tune.idle-pool.shared off");
    line("  hard-stop-after {}ms", ms(settings_.tunnel_timeout));
    line("  expose-experimental-directives");
    line("  ssl-default-bind-options ssl-min-ver TLSv1.2");
    if (!settings_.user.empty()) line("  user {}", quoted(settings_.user));
    if (settings_.access_log) line("  log stdout format raw local0");
  }

  void write_defaults() {
    line("\ndefaults");
    line("  mode http");
    line("  timeout connect {}ms", ms(settings_.connect_timeout));
    line("  timeout client {}ms", ms(settings_.response_timeout));
    line("  timeout server {}ms", ms(settings_.response_timeout));
    line("  timeout http-request {}ms", ms(settings_.header_timeout));
    line("  timeout http-keep-alive {}ms", ms(settings_.idle_timeout));
    line("  timeout tunnel {}ms", ms(settings_.tunnel_timeout));
    line("  timeout client-fin 30s");
    line("  timeout check {}ms", ms(settings_.check_timeout));
    line("  retries 3");
    line("  option redispatch 1");
    // What waits for an answer over a cable that was cut, or is a tunnel, sends nothing that could
    // fail by itself.
    line("  option srvtcpka\n  srvtcpka-idle 3s\n  srvtcpka-intvl 1s\n  srvtcpka-cnt 3");
    line("  option idle-close-on-response");
    line("  option dontlognull");
    if (settings_.access_log) line("  log global\n  option httplog");
  }

  void write_users() {
    for (const Route& route : table_.routes) {
      if (!route.treatment.auth) continue;
      line("\nuserlist {}", route.id);
      for (const auto& [name, hash] : route.treatment.auth->users)
        line("  user {} password {}", quoted(name), quoted(hash));
    }
  }

  std::string certificates() const {
    return fmt::format("ssl crt {} crt {} alpn h2,http/1.1",
                       quoted(paths_.certificates + "/default.pem"),
                       quoted(paths_.certificates + "/named/"));
  }

  bool passes_tls(const EntryPoint& entry) const {
    return entry.is_tls && std::ranges::any_of(table_.routes, [&](const Route& route) {
             return route.protocol == Protocol::sni && is_at(route, entry);
           });
  }

  void write_http_entry(const EntryPoint& entry) {
    const std::string at = endpoint_of(entry.host, entry.port);
    if (passes_tls(entry)) {
      write_sni_entry(entry, at);
    } else {
      line("\nfrontend entry-{}", entry.name);
      line("  bind {}{}", at, entry.is_tls ? " " + certificates() : "");
    }
    write_admission(entry);
    if (const EntryPoint* other = find(entry.redirect_to)) {
      const bool is_usual = other->port == (other->is_tls ? 443 : 80);
      line("  http-request redirect code 301 location {}://%[var(txn.host)]{}%[pathq]",
           other->is_tls ? "https" : "http", is_usual ? "" : fmt::format(":{}", other->port));
      return;
    }
    for (const Route& route : table_.routes)
      if (route.protocol == Protocol::http && route.rule && is_at(route, entry))
        write_rule_choice(route);
    asks_in_turn_ ? write_choices_in_turn() : write_path_choice();
    line("  default_backend no-route");
  }

  /// Looks at the name that a client wants to talk TLS with, before anything is decrypted.
  void write_sni_entry(const EntryPoint& entry, const std::string& at) {
    const std::string inner = fmt::format("unix@{}/{}", paths_.inner, entry.name);
    line("\nfrontend names-{}", entry.name);
    line("  mode tcp");
    line("  bind {}", at);
    if (settings_.access_log) line("  option tcplog");
    line("  tcp-request inspect-delay {}ms", ms(settings_.header_timeout));
    line("  tcp-request content accept if {{ req.ssl_hello_type 1 }}");
    line("  tcp-request content reject");
    for (const Route& route : table_.routes)
      if (route.protocol == Protocol::sni && is_at(route, entry))
        line("  use_backend {} if {{ req.ssl_sni,lower -m {} }}", route.id, host_match(route.host));
    line("  default_backend inner-{}", entry.name);
    line("\nbackend inner-{}", entry.name);
    line("  mode tcp");
    line("  server inner {} send-proxy-v2", quoted(inner));
    line("\nfrontend entry-{}", entry.name);
    // It connects to itself as whom it has become.
    const std::string owner = settings_.user.empty() ? "" : " user " + quoted(settings_.user);
    line("  bind {} mode 600{} accept-proxy {}", quoted(inner), owner, certificates());
  }

  const EntryPoint* find(const std::string& name) const {
    for (const EntryPoint& entry : settings_.entry_points)
      if (!name.empty() && entry.name == name) return &entry;
    return nullptr;
  }

  /// What holds for every request, wherever it goes.
  void write_admission(const EntryPoint& entry) {
    // Written once for all requests of a connection: that is what costs.
    line("  tcp-request session set-var(sess.client) src,concat()");
    line("  http-request deny deny_status 405 if METH_CONNECT");
    const bool sees_names = entry.is_tls || !entry.redirect_to.empty() ||
                       std::ranges::any_of(table_.routes, looks_at_host);
    if (sees_names)
      line("  http-request deny deny_status 400 if {{ req.hdr(host) -m reg '[^][A-Za-z0-9.:_-]' }}");
    if (settings_.body_bytes_max > 0) {
      // A limit that holds for those only who say how much comes would be none.
      const char* unsaid = "http-request return status 411 content-type text/plain string 'the "
                           "length of the body is needed' if !{ req.fhdr(content-length) -m found }";
      line("  {} {{ req.fhdr(transfer-encoding) -m found }}", unsaid);
      line("  {} {{ method POST PUT PATCH }}", unsaid);
      line("  http-request deny deny_status 413 if {{ req.hdr_val(content-length) gt {} }}",
           settings_.body_bytes_max);
    }
    write_normalization();
    if (sees_names) line("  http-request set-var(txn.host) req.hdr(host),host_only,lower");
    if (entry.is_tls)
      line("  http-request return status 421 content-type text/plain string 'wrong host for this "
           "connection' if {{ ssl_fc_has_sni }} !{{ ssl_fc_sni,lower,strcmp(txn.host) eq 0 }}");
    for (const std::string& network : settings_.trusted_proxies)
      line("  acl is_trusted src {}", quoted(network));
    const bool trusts = !settings_.trusted_proxies.empty();
    // With underscores, too: many programs take one for the other.
    line("  http-request del-header '^(x[-_](forwarded|real)[-_]|forwarded$)' -m reg{}",
         trusts ? " unless is_trusted" : "");
    const auto say = [&](const char* header, const std::string& value) {
      line("  http-request add-header {} {}{}", header, value,
           trusts ? fmt::format(" unless is_trusted {{ req.hdr({}) -m found }}", header) : "");
    };
    say("X-Forwarded-Proto", entry.is_tls ? "https" : "http");
    say("X-Forwarded-Port", std::to_string(entry.port));
    say("X-Forwarded-Host", "%[req.hdr(host)]");
    say("X-Real-IP", "%[var(sess.client)]");
  }

  void write_normalization() {
    // Looking whether there is anything to do costs less than doing it; but for decoding, which
    // HAProxy 2.6 leaves undone behind a condition.
    line("  http-request normalize-uri fragment-strip if {{ url -m sub '#' }}");
    line("  http-request normalize-uri percent-decode-unreserved");
    line("  http-request normalize-uri path-strip-dot if {{ path -m sub '/.' }}");
    line("  http-request normalize-uri path-strip-dotdot full if {{ path -m sub '/.' }}");
  }

  void write_rule_choice(const Route& route) {
    // Each way to fulfil the rule is a line of its own: any of them is enough.
    for (const std::string& condition : conditions_of(*route.rule))
      line("  use_backend {}{}", route.id, condition.empty() ? "" : " if " + condition);
  }

  /// In the table's order, which is the one that the maps have, too.
  void write_choices_in_turn() {
    for (const Route& route : table_.routes) {
      if (!is_by_path(route)) continue;
      std::string when;
      if (!route.host.empty())
        when += fmt::format(" {{ var(txn.host) -m {} }}", host_match(route.host));
      if (route.path != "/") when += fmt::format(" {{ path -m beg -- {} }}", quoted(route.path));
      line("  use_backend {}{}{}", route.id, when.empty() ? "" : " if", when);
    }
  }

  /// By host and path: the longest that is known, then hosts with stars, then any host.
  void write_path_choice() {
    if (files_.at(hosted_map).empty() && !has_globs()) {
      line("  use_backend %[path,map_beg({},no-route)]", map(hostless_map));
      return;
    }
    line("  http-request set-var(txn.path) path");
    line("  http-request set-var(txn.to) var(txn.host),concat(,txn.path),map_beg({})",
         map(hosted_map));
    const char* unless_found = "!{ var(txn.to) -m found }";
    for (const Route& route : table_.routes)
      if (is_by_path(route) && route.host.find('*') != std::string::npos)
        line("  http-request set-var(txn.to) str({}) if {} {{ var(txn.host) -m {} }} "
             "{{ path -m beg {} }}",
             route.id, unless_found, host_match(route.host), quoted(route.path));
    line("  http-request set-var(txn.to) path,map_beg({}) if {}", map(hostless_map), unless_found);
    line("  use_backend %[var(txn.to)] if {{ var(txn.to) -m found }}");
  }
  bool has_globs() const {
    return std::ranges::any_of(table_.routes, [](const Route& route) {
      return is_by_path(route) && route.host.find('*') != std::string::npos;
    });
  }
  std::string map(const char* name) const { return paths_.folder + "/" + name; }

  void write_tcp_entry(const EntryPoint& entry) {
    for (const Route& route : table_.routes) {
      if (route.protocol != Protocol::tcp || route.port != 0 || !is_at(route, entry)) continue;
      line("\nfrontend entry-{}", entry.name);
      line("  mode tcp");
      line("  bind {}", endpoint_of(entry.host, entry.port));
      if (settings_.access_log) line("  option tcplog");
      line("  default_backend {}", route.id);
      return;
    }
  }

  void write_port(const Route& route) {
    line("\nfrontend port-{}", route.port);
    line("  mode tcp");
    line("  bind {}", endpoint_of(settings_.tcp_host, route.port));
    if (settings_.access_log) line("  option tcplog");
    // The gate of a byte stream is where it comes in.
    for (const std::string& network : route.treatment.deny)
      line("  tcp-request connection reject if {{ src {} }}", quoted(network));
    write_allowed(route, "tcp-request connection reject");
    line("  default_backend {}", route.id);
  }

  void write_allowed(const Route& route, const char* refusal) {
    if (route.treatment.allow.empty()) return;
    for (const std::string& network : route.treatment.allow)
      line("  acl is_allowed src {}", quoted(network));
    line("  {} unless is_allowed", refusal);
  }

  void write_metrics() {
    line("\nfrontend metrics");
    line("  bind {} mode 600", quoted("unix@" + paths_.metrics));
    line("  http-request use-service prometheus-exporter");
    if (settings_.access_log) line("  no log");
  }

  void write_no_route() {
    line("\nbackend no-route");
    line("  http-request return status {} content-type text/plain string 'no route'",
         settings_.no_route_status);
  }

  void write_backend(const Route& route) {
    out_ += backend_text(settings_, route);
    const std::vector<Slot>& slots = placement_.at(route.id);
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Slot& slot = slots[i];
      if (with_servers_ && slot.state == Slot::State::ready)
        line("  server {} {} weight {}", slot_name(i), endpoint_of(slot.address, slot.port),
             slot.weight);
      else
        line("  server {} 127.0.0.1:1 disabled", slot_name(i));
    }
  }

  const Settings& settings_;
  const RoutingTable& table_;
  const Placement& placement_;
  const DataPlanePaths& paths_;
  bool with_servers_ = true, asks_in_turn_ = true;
  std::string out_;
  std::map<std::string, std::string> files_;
};

}  // namespace

std::string quoted(std::string_view text) {
  std::string made = "'";
  for (const char c : text) {
    ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    if (c == '\'')
      made += "'\"'\"'";
    else
      made += c;
  }
  return made + "'";
}

std::string quoted_format(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (c == '%') made += '%';
    made += c;
  }
  return quoted(made);
}

Rendered render(const Settings& settings, const RoutingTable& table, const Placement& placement,
                const DataPlanePaths& paths, const std::string& generation) {
  return Writer(settings, table, placement, paths).write(generation, true);
}

std::string shape_of(const Settings& settings, const RoutingTable& table,
                     const Placement& placement, const DataPlanePaths& paths) {
  DataPlanePaths anywhere = paths;
  anywhere.folder.clear();
  Rendered rendered = Writer(settings, table, placement, anywhere).write("-", false);
  for (const auto& [name, text] : rendered.files)
    rendered.config += name + "\n" + text;
  return std::move(rendered.config);
}

}  // namespace caravan::ingress
