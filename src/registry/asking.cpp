// SPDX-License-Identifier: Apache-2.0
#include "registry/asking.hpp"

#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "checks/probe.hpp"
#include "checks/words.hpp"
#include "http/url.hpp"
#include "io/task.hpp"

namespace caravan::registry {
namespace {

using checks::Probe;
using model::Health;

constexpr int redirects_max = 10;

bool is_redirect(const checks::Outcome& outcome) {
  const int code = outcome.status_code;
  const bool leads = code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
  return leads && !outcome.location.empty();
}

base::Status aim(Probe& probe, const std::string& url) {
  TRY(const http::Url parsed, http::Url::parse(url));
  probe.address = parsed.address;
  probe.path = parsed.target;
  probe.tls = parsed.is_secure;
  return {};
}

/// Where a page leads that was asked at `url`.
std::string next_url(const std::string& url, const std::string& location) {
  if (!location.starts_with('/')) return location;
  const std::size_t host = url.find("//");
  const std::size_t end = url.find_first_of("/?", host == std::string::npos ? 0 : host + 2);
  return url.substr(0, end) + location;
}

base::Result<Probe> probe_of(const CheckDefinition& d) {
  Probe probe;
  probe.timeout = d.timeout;
  probe.output_max = static_cast<std::size_t>(d.output_max);
  probe.checks_peer = !d.tls_skip_verify;
  probe.server_name = d.tls_server_name;
  probe.tls = d.uses_tls;
  switch (d.kind) {
    case CheckKind::grpc: {
      const std::size_t slash = d.grpc.find('/');
      probe.kind = Probe::Kind::grpc;
      if (slash != std::string::npos) probe.grpc_service = d.grpc.substr(slash + 1);
      TRY(probe.address, io::Address::parse(d.grpc.substr(0, slash)));
      return probe;
    }
    case CheckKind::h2ping: {
      probe.kind = Probe::Kind::h2ping;
      TRY(probe.address, io::Address::parse(d.h2ping));
      return probe;
    }
    case CheckKind::http:
      probe.kind = Probe::Kind::http;
      TRY_VOID(aim(probe, d.http));
      probe.method = d.method.empty() ? "GET" : d.method;
      probe.body = d.body;
      for (const auto& [name, values] : d.header)
        for (const std::string& value : values)
          probe.headers.add(name, value);
      return probe;
    default: {
      TRY(probe.address, io::Address::parse(d.tcp));
      return probe;
    }
  }
}

std::string place_of(const CheckDefinition& d) {
  if (d.kind == CheckKind::http) return d.http;
  if (d.kind == CheckKind::h2ping) return d.h2ping;
  return d.kind == CheckKind::grpc ? d.grpc : d.tcp;
}

/// Redirections are followed, unless the check says otherwise.
io::Task<Found> ask_place(io::World& world, const CheckDefinition& d) {
  base::Result<Probe> probe = probe_of(d);
  if (!probe) co_return Found{Health::critical, probe.error().message};
  std::string url = place_of(d);
  checks::Outcome outcome = co_await checks::ask(world.network, world.clock, *probe);
  for (int i = 0; i < redirects_max && is_redirect(outcome) && !d.disable_redirects; ++i) {
    url = next_url(url, outcome.location);
    const std::string asked = probe->address.host;
    const base::Status aimed = aim(*probe, url);
    if (!aimed) break;
    if (probe->address.host != asked) probe->headers = without_secrets(probe->headers);
    if (outcome.status_code < 307) {  // the others repeat what was asked
      if (probe->method != "HEAD") probe->method = "GET";
      probe->body.clear();
    }
    outcome = co_await checks::ask(world.network, world.clock, *probe);
  }
  co_return Found{outcome.health, checks::registry_words(*probe, url, outcome)};
}

io::Task<Found> ask_packets(io::World& world, io::Datagrams& datagrams, const CheckDefinition& d) {
  const base::Result<io::Address> address = io::Address::parse(d.udp);
  if (!address) co_return Found{Health::critical, address.error().message};
  const checks::Outcome outcome =
      co_await checks::ask_udp(datagrams, world.clock, *address, d.timeout);
  co_return Found{outcome.health, outcome.passing ? fmt::format("UDP connect {}: Success", d.udp)
                                                  : outcome.output};
}

}  // namespace

http::Headers without_secrets(const http::Headers& headers) {
  static const std::set<std::string, std::less<>> secrets = {
      "authorization", "cookie", "cookie2", "proxy-authorization", "x-consul-token",
      "x-nomad-token", "x-vault-token"};
  http::Headers rest;
  for (const auto& [name, value] : headers)
    if (!secrets.contains(base::to_lower(name))) rest.add(name, value);
  return rest;
}

std::vector<std::string> command_of(const CheckDefinition& d) {
  if (d.shell.empty()) return d.args;
  if (d.args.size() == 1) return {d.shell, "-c", d.args.front()};
  std::vector<std::string> command = {d.shell, "-c", "exec \"$0\" \"$@\""};
  command.insert(command.end(), d.args.begin(), d.args.end());
  return command;
}

io::Task<Found> find_out(io::World& world, io::Datagrams& datagrams,
                         const RunInContainer& run_in_container, CheckDefinition d) {
  if (d.kind == CheckKind::udp) co_return co_await ask_packets(world, datagrams, d);
  if (d.kind != CheckKind::docker && d.kind != CheckKind::script)
    co_return co_await ask_place(world, d);
  const auto output_max = static_cast<std::size_t>(d.output_max);
  checks::ScriptOutcome outcome;
  if (d.kind == CheckKind::docker) {
    ContainerCommand beside{d.container, command_of(d), d.timeout, output_max};
    outcome = co_await run_in_container(std::move(beside));
  } else {
    checks::Script script{d.args, d.timeout, output_max};
    outcome = co_await checks::run(world.processes, std::move(script));
  }
  co_return Found{outcome.health, std::move(outcome.output)};
}

}  // namespace caravan::registry
