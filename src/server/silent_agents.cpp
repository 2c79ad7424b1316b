// SPDX-License-Identifier: Apache-2.0
#include "server/silent_agents.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

constexpr const char* since_name = "SilentSinceNs";
/// Whose time of hours or days is over goes a little later.
constexpr base::Duration overdue_look_interval = 1min;
constexpr std::size_t removed_at_once_max = 128;

}  // namespace

json::Value silent_since(base::Instant now) { return json::Object{{since_name, now.unix_ns}}; }

std::optional<base::Instant> silent_since(const model::CatalogCheck& check) {
  const std::int64_t* since = check.definition.at(since_name).as_int();
  if (!since) return {};
  return base::Instant{*since};
}

std::vector<std::string> overdue_agents(const state::Tables& tables, base::Instant now,
                                        base::Duration kept, std::size_t most) {
  std::vector<std::string> overdue;
  tables.catalog_nodes.each([&](const std::string& on, const auto& node) {
    if (!node->has_agent || overdue.size() >= most) return;
    const auto* check = tables.catalog_checks.find({on, model::alive_check});
    if (!check || (*check)->status == model::Health::passing) return;
    const std::optional<base::Instant> since = silent_since(**check);
    if (since && *since + kept < now) overdue.push_back(node->name);
  });
  return overdue;
}

SilentAgents::SilentAgents(io::World& world, const state::Store& store,
                           Registrations& registrations, std::function<bool()> leads,
                           base::Duration kept, io::Logger log)
    : world_(world),
      store_(store),
      registrations_(registrations),
      leads_(std::move(leads)),
      kept_(kept),
      log_(std::move(log)) {}

void SilentAgents::start() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> SilentAgents::stop() {
  if (tasks_) co_await tasks_->stop();
}

/// A wall clock that jumps ahead meanwhile does not make anybody's silence longer.
io::Task<void> SilentAgents::run() {
  const base::Instant begun = world_.clock.now();
  const base::Duration begun_uptime = world_.clock.uptime();
  while (true) {
    co_await world_.clock.sleep(overdue_look_interval);
    const base::Instant reckoned = begun + (world_.clock.uptime() - begun_uptime);
    if (leads_()) co_await remove_overdue(std::min(world_.clock.now(), reckoned));
  }
}

/// One that comes back nevertheless is told that it is not known, and says everything again.
io::Task<void> SilentAgents::remove_overdue(base::Instant now) {
  wire::ChangeCatalog change;
  for (const std::string& node :
       overdue_agents(*store_.snapshot(), now, kept_, removed_at_once_max)) {
    log_.info("an agent has been silent for too long, and is removed", {{"node", node}});
    change.erase.emplace_back().node = node;
  }
  if (change.erase.empty()) co_return;
  const base::Status removed = co_await registrations_.change(std::move(change));
  if (!removed) log_.debug("cannot remove them", {{"error", removed.error().message}});
}

}  // namespace caravan::server
