// SPDX-License-Identifier: Apache-2.0
// When checks are due, and what they find.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "checks/probe.hpp"
#include "checks/script.hpp"
#include "http/message.hpp"
#include "registry/registry.hpp"

namespace caravan::registry {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;
using model::Health;

constexpr base::Duration look_interval = 1s;  // when nothing is due earlier

struct Target {
  io::Address address;
  std::string path;
  bool tls = false;
};

/// Errors: invalid.
base::Result<Target> target_of(std::string_view url) {
  constexpr std::string_view plain = "http://", secure = "https://";
  Target target;
  target.tls = url.starts_with(secure);
  if (!target.tls && !url.starts_with(plain))
    return base::invalid("neither http:// nor https://: " + base::printable(url, 80));
  url.remove_prefix(target.tls ? secure.size() : plain.size());
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  std::string place(url.substr(0, end));
  if (place.find(':') == std::string::npos || place.ends_with(']'))
    place += target.tls ? ":443" : ":80";
  TRY(target.address, io::Address::parse(place));
  target.path = std::string(url.substr(end));
  if (!target.path.starts_with('/')) target.path.insert(0, "/");
  return target;
}

base::Result<checks::Probe> probe_of(const CheckDefinition& definition) {
  checks::Probe probe;
  probe.timeout = definition.timeout;
  if (definition.kind == CheckKind::tcp) {
    TRY(probe.address, io::Address::parse(definition.tcp));
    return probe;
  }
  TRY(const Target target, target_of(definition.http));
  probe.kind = checks::Probe::Kind::http;
  probe.address = target.address;
  probe.path = target.path;
  probe.tls = target.tls;
  probe.checks_peer = !definition.tls_skip_verify;
  probe.server_name = definition.tls_server_name;
  probe.method = definition.method.empty() ? "GET" : definition.method;
  probe.body = definition.body;
  for (const auto& [name, values] : definition.header)
    for (const std::string& value : values)
      probe.headers.add(name, value);
  return probe;
}

Health health_of(const CheckDefinition& definition, const checks::Outcome& outcome) {
  if (definition.kind == CheckKind::tcp)
    return outcome.passing ? Health::passing : Health::critical;
  if (outcome.status_code == 429) return Health::warning;
  const bool is_well = outcome.status_code >= 200 && outcome.status_code < 300;
  return is_well ? Health::passing : Health::critical;
}

std::string words_of(const CheckDefinition& definition, const checks::Outcome& outcome) {
  if (definition.kind == CheckKind::tcp)
    return outcome.passing ? fmt::format("TCP connect {}: Success", definition.tcp)
                           : outcome.output;
  if (outcome.status_code == 0) return outcome.output;
  return fmt::format("HTTP {} {}: {} {} Output: {}",
                     definition.method.empty() ? "GET" : definition.method, definition.http,
                     outcome.status_code, http::reason_phrase(outcome.status_code), outcome.output);
}

struct Found {
  Health health = Health::critical;
  std::string words;
};

io::Task<Found> find_out(io::World& world, const CheckDefinition& definition) {
  if (definition.kind == CheckKind::script) {
    checks::ScriptOutcome outcome =
        co_await checks::run(world.processes, {definition.args, definition.timeout});
    co_return Found{outcome.health, std::move(outcome.output)};
  }
  const base::Result<checks::Probe> what = probe_of(definition);
  if (!what) co_return Found{Health::critical, what.error().message};
  const checks::Outcome outcome = co_await checks::ask(world.network, world.clock, *what);
  co_return Found{health_of(definition, outcome), words_of(definition, outcome)};
}

}  // namespace

io::Task<void> Registry::run_checks() {
  while (true) {
    const base::Duration now = world_.clock.uptime();
    base::Duration next = now + look_interval;
    for (auto& [id, check] : checks_) {
      const std::optional<base::Duration> due = check.due();
      if (!due || check.asking) continue;
      if (*due > now) {
        next = std::min(next, *due);
      } else if (!check.is_probed()) {
        if (check.expire(now)) changed();
      } else {
        check.asking = true;
        tasks_.spawn(probe(id));
      }
    }
    look_at_aliases();
    co_await end_what_stays_critical();
    co_await (changed_.wait() || world_.clock.sleep(std::max(next - now, base::Duration(1ms))));
  }
}

io::Task<void> Registry::probe(std::string id) {
  const CheckDefinition definition = checks_.at(id).definition();
  Found outcome = co_await find_out(world_, definition);
  const auto found = checks_.find(id);
  if (found == checks_.end() || found->second.definition() != definition) co_return;
  OwnCheck& check = found->second;
  const base::Duration now = world_.clock.uptime();
  check.asking = false;
  check.probed_at(now);
  if (check.note(outcome.health, std::move(outcome.words), now)) changed();
  changed_.notify();
}

/// Of what stands on this agent: as well as the worst check of the service that is meant, or of the
/// node.
void Registry::look_at_aliases() {
  for (auto& [id, alias] : checks_) {
    if (alias.definition().kind != CheckKind::alias) continue;
    Health worst = Health::passing;
    std::string output = "All checks passing.";
    for (const auto& [other_id, other] : checks_) {
      const bool is_meant = other.definition().service_id == alias.definition().alias_service;
      if (other_id == id || !is_meant || other.status() == Health::passing) continue;
      worst = model::worse(worst, other.status());
      output =
          fmt::format("Aliased check \"{}\" failing: {}", other.definition().name, other.output());
    }
    if (worst != alias.status() || output != alias.output())
      if (alias.note(worst, std::move(output), world_.clock.uptime())) changed();
  }
}

io::Task<void> Registry::end_what_stays_critical() {
  std::vector<std::string> over;
  for (const auto& [id, check] : checks_)
    if (check.wants_end(world_.clock.uptime())) over.push_back(check.definition().service_id);
  for (const std::string& service : over) {
    if (!services_.contains(service)) continue;
    log_.info("a service was critical for too long and is taken away", {{"service", service}});
    (void)co_await remove_service(service);
  }
}

}  // namespace caravan::registry
