// SPDX-License-Identifier: Apache-2.0
#include "server/registrations.hpp"

#include "base/text.hpp"
#include "server/silent_agents.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;
using model::Health;

constexpr base::Duration expiry_look_interval = 250ms;

/// `now`: of who falls silent.
model::CatalogCheck alive_check(Health health, base::Instant now) {
  model::CatalogCheck check;
  check.id = model::alive_check;
  check.name = model::alive_check_name;
  check.status = health;
  check.output = health == Health::passing ? model::agent_alive : model::agent_silent;
  if (health != Health::passing) check.definition = silent_since(now);
  return check;
}

}  // namespace

Registrations::Registrations(io::World& world, state::Store& store, Proposals& proposals,
                             io::Logger log)
    : world_(world), store_(store), proposals_(proposals), log_(std::move(log)) {}

void Registrations::start() {
  heard_.clear();
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(watch_silence());
}

io::Task<void> Registrations::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<base::Status> Registrations::change(wire::ChangeCatalog change) {
  CO_TRY(const std::uint64_t index,
         co_await proposals_.propose(std::move(change), consensus::Priority::job));
  if (store_.snapshot()->was_refused(index))
    co_return base::fail(base::Code::conflict, "Missing service registration");
  co_return base::Status();
}

io::Task<base::Result<std::string>> Registrations::call(std::string method, std::string request) {
  if (method == "Catalog.Change") {
    CO_TRY(wire::ChangeCatalog asked, wire::decode<wire::ChangeCatalog>(request));
    CO_TRY_VOID(co_await change(std::move(asked)));
    co_return std::string();
  }
  CO_TRY(const wire::CatalogBeat asked, wire::decode<wire::CatalogBeat>(request));
  if (method == "Catalog.Beat") co_return beat(asked.node);
  if (method != "Catalog.Of") co_return base::fail(base::Code::unsupported, method);
  const state::Snapshot tables = store_.snapshot();
  const std::string on = base::to_lower(asked.node);
  wire::CatalogOf known;
  if (const auto* node = tables->catalog_nodes.find(on)) known.node = **node;
  tables->catalog_services.from({on, ""}, [&](const model::OnNode& key, const auto& service) {
    if (key.first == on) known.services.push_back(*service);
    return key.first == on;
  });
  tables->catalog_checks.from({on, ""}, [&](const model::OnNode& key, const auto& check) {
    if (key.first == on) known.checks.push_back(*check);
    return key.first == on;
  });
  co_return wire::encode(known);
}

base::Duration Registrations::interval() const {
  const double spread = static_cast<double>(heard_.size()) / agent_beats_per_second_max;
  return std::max(agent_beat_interval, base::Duration(static_cast<std::int64_t>(spread * 1e9)));
}

std::string Registrations::beat(const std::string& node) {
  const std::string on = base::to_lower(node);
  const state::Snapshot tables = store_.snapshot();
  const auto* known = tables->catalog_nodes.find(on);
  wire::CatalogBeatReply reply;
  reply.is_known = known && (*known)->has_agent;
  if (reply.is_known) heard_[on] = world_.clock.uptime();
  reply.again = interval();
  return wire::encode(reply);
}

/// A stretch in which this server itself did not run counts as nobody's silence.
io::Task<void> Registrations::watch_silence() {
  base::Duration looked = world_.clock.uptime();
  while (true) {
    co_await world_.clock.sleep(expiry_look_interval);
    const base::Duration now = world_.clock.uptime();
    const base::Duration lost = std::max(now - looked - expiry_look_interval, base::Duration(0));
    looked = now;
    if (lost > expiry_look_interval)
      for (auto& [node, heard] : heard_)
        heard += lost;
    const base::Duration patience = 2 * interval() + agent_silence_grace;
    std::vector<std::string> silent, back;
    const state::Snapshot tables = store_.snapshot();
    tables->catalog_nodes.each([&](const std::string& on, const auto& node) {
      if (!node->has_agent) return;
      const auto* check = tables->catalog_checks.find({on, model::alive_check});
      const bool was_alive = check && (*check)->status == Health::passing;
      // To a new leader, who was silent stays so until he is heard.
      const bool was_silent = check && !was_alive;
      const base::Duration first = was_silent ? now - patience : now;
      const bool lives = now - heard_.try_emplace(on, first).first->second < patience;
      // Older versions did not say since when.
      const bool is_undated = was_silent && !silent_since(**check);
      if (lives != was_alive || is_undated) (lives ? back : silent).push_back(node->name);
    });
    std::erase_if(heard_,
                  [&](const auto& entry) { return !tables->catalog_nodes.find(entry.first); });
    if (!silent.empty()) co_await say(std::move(silent), Health::critical);
    if (!back.empty()) co_await say(std::move(back), Health::passing);
  }
}

io::Task<void> Registrations::say(std::vector<std::string> nodes, Health health) {
  wire::ChangeCatalog change;
  for (const std::string& node : nodes) {
    wire::CatalogPut& put = change.put.emplace_back();
    put.node.name = node;
    put.keeps_node = true;
    put.checks.push_back(alive_check(health, world_.clock.now()));
    log_.info(health == Health::passing ? "an agent is alive" : "an agent has fallen silent",
              {{"node", node}});
  }
  const auto said = co_await proposals_.propose(std::move(change), consensus::Priority::control);
  if (!said) log_.debug("cannot say so", {{"error", said.error().message}});
}

}  // namespace caravan::server
