// SPDX-License-Identifier: Apache-2.0
// When checks are due, and what they find.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "checks/probe.hpp"
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
};

/// Errors: invalid.
base::Result<Target> target_of(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme))
    return base::invalid("only http:// can be asked yet: " + base::printable(url, 80));
  url.remove_prefix(scheme.size());
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  std::string place(url.substr(0, end));
  if (place.find(':') == std::string::npos || place.ends_with(']')) place += ":80";
  Target target;
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
  const base::Result<checks::Probe> what = probe_of(definition);
  checks::Outcome outcome;
  if (what)
    outcome = co_await checks::ask(world_.network, world_.clock, *what);
  else
    outcome.output = what.error().message;
  const auto found = checks_.find(id);
  if (found == checks_.end() || found->second.definition() != definition) co_return;
  OwnCheck& check = found->second;
  const base::Duration now = world_.clock.uptime();
  check.asking = false;
  check.probed_at(now);
  if (check.note(health_of(definition, outcome), words_of(definition, outcome), now)) changed();
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
