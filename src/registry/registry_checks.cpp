// SPDX-License-Identifier: Apache-2.0
// When checks are due, and what they find.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "registry/registry.hpp"

namespace caravan::registry {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;
using model::Health;

constexpr base::Duration look_interval = 1s;  // when nothing is due earlier
/// So often the servers are asked about nodes that alias checks name.
constexpr base::Duration alias_interval = 2s;

}  // namespace

void Registry::schedule(const OwnCheck& check) {
  if (const std::optional<base::Duration> due = check.due())
    due_.emplace(*due, check.definition().id);
}

/// Of a check that was due once, and may be due at another time by now.
void Registry::see_to(const std::string& id, base::Duration now) {
  OwnCheck* check = inventory_.own_check(id);
  const std::optional<base::Duration> due = check ? check->due() : std::nullopt;
  if (!due || check->asking) return;
  if (*due > now) {
    schedule(*check);
  } else if (check->is_probed()) {
    check->asking = true;
    tasks_.spawn(probe(id));
  } else {
    if (check->expire(now)) changed_check(*check);
    schedule(*check);
  }
}

io::Task<void> Registry::run_checks() {
  while (true) {
    const base::Duration now = world_.clock.uptime();
    while (!due_.empty() && due_.begin()->first <= now)
      see_to(due_.extract(due_.begin()).value().second, now);
    look_at_aliases();
    co_await end_what_stays_critical();
    base::Duration next = now + look_interval;
    if (!due_.empty()) next = std::min(next, due_.begin()->first);
    co_await (changed_.wait() || world_.clock.sleep(std::max(next - now, base::Duration(1ms))));
  }
}

io::Task<void> Registry::probe(std::string id) {
  const CheckDefinition definition = inventory_.own_check(id)->definition();
  Found outcome = co_await find_out(world_, datagrams_, config_.run_in_container, definition);
  OwnCheck* check = inventory_.own_check(id);
  if (!check || check->definition() != definition) co_return;
  const base::Duration now = world_.clock.uptime();
  check->asking = false;
  check->probed_at(now);
  schedule(*check);
  if (check->note(outcome.health, std::move(outcome.words), now)) changed_check(*check);
  changed_.notify();
}

/// Whether an alias names another node than this agent's.
bool Registry::is_elsewhere(const std::string& named) const {
  return !named.empty() && base::to_lower(named) != base::to_lower(node());
}

/// The checks that an alias stands for.
std::vector<model::CatalogCheck> Registry::meant_by(const CheckDefinition& alias) const {
  if (!is_elsewhere(alias.alias_node)) return inventory_.checks_of(alias.alias_service);
  std::vector<model::CatalogCheck> all;
  const auto known = alias_nodes_.find(alias.alias_node);
  if (known == alias_nodes_.end()) return all;
  for (const model::CatalogCheck& check : known->second.checks)
    if (check.service_id.empty() || check.service_id == alias.alias_service) all.push_back(check);
  return all;
}

/// As well as the worst check of the service that is meant, or of the node.
void Registry::look_at_alias(OwnCheck& alias) {
  Health worst = Health::passing;
  std::string output = "All checks passing.";
  const CheckDefinition& definition = alias.definition();
  for (const model::CatalogCheck& other : meant_by(definition)) {
    if (other.id == definition.id || other.status == Health::passing) continue;
    worst = model::worse(worst, other.status);
    output = fmt::format("Aliased check \"{}\" failing: {}", other.name, other.output);
  }
  const auto known = alias_nodes_.find(definition.alias_node);
  if (known != alias_nodes_.end() && known->second.node.name.empty()) {
    worst = Health::critical;
    output = fmt::format("The node \"{}\" is not registered", definition.alias_node);
  }
  if (worst != alias.status() || output != alias.output())
    if (alias.note(worst, std::move(output), world_.clock.uptime())) changed_check(alias);
}

void Registry::look_at_aliases() {
  for (const std::string& id : inventory_.aliases())
    look_at_alias(*inventory_.own_check(id));
}

io::Task<void> Registry::ask_alias_nodes() {
  while (true) {
    std::set<std::string> named;
    for (const std::string& id : inventory_.aliases()) {
      const std::string& on = inventory_.own_check(id)->definition().alias_node;
      if (is_elsewhere(on)) named.insert(on);
    }
    std::erase_if(alias_nodes_, [&](const auto& entry) { return !named.contains(entry.first); });
    for (const std::string& on : named) {
      base::Result<wire::CatalogOf> known = co_await known_of(on);
      if (known) alias_nodes_[on] = *std::move(known);
    }
    if (!named.empty()) changed_.notify();
    co_await world_.clock.sleep(alias_interval);
  }
}

io::Task<void> Registry::end_what_stays_critical() {
  std::vector<std::string> over;
  for (const std::string& id : inventory_.ending()) {
    const OwnCheck& check = *inventory_.own_check(id);
    if (check.wants_end(world_.clock.uptime())) over.push_back(check.definition().service_id);
  }
  for (const std::string& service : over) {
    if (!inventory_.own_services().contains(service)) continue;
    log_.info("a service was critical for too long and is taken away", {{"service", service}});
    (void)co_await remove_service(service);
  }
}

}  // namespace caravan::registry
