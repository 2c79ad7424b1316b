// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

namespace caravan::registry {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

/// Whoever registers something and asks for it at once finds it, unless the servers are slow.
constexpr base::Duration told_patience = 1s;
/// The agent is about to listen on what its own checks ask.
constexpr base::Duration resident_patience = 1s;

base::Error not_here(const char* what, const std::string& id) {
  return {base::Code::not_found, fmt::format("unknown {} ID: {}", what, id)};
}

Self self_of(const RegistryConfig& config) {
  Self self{config.node, config.built_in};
  self.node.has_agent = true;
  return self;
}

}  // namespace

Registry::Registry(io::World& world, io::Datagrams& datagrams, RegistryConfig config,
                   rpc::Channel& servers, io::Logger log)
    : world_(world),
      datagrams_(datagrams),
      config_(std::move(config)),
      self_(self_of(config_)),
      servers_(servers),
      log_(std::move(log)),
      inventory_(config_.node.name),
      journal_(world.disk, config_.file, world.executor.lane(io::Lane::main)),
      changed_(world.executor.lane(io::Lane::main)),
      was_told_(world.executor.lane(io::Lane::main)),
      tasks_(world.executor.lane(io::Lane::main)) {}

io::Task<base::Status> Registry::start() {
  CO_TRY_VOID(load());
  for (const Resident& resident : config_.residents)
    settle(resident, resident_patience);
  tasks_.spawn(run_checks());
  tasks_.spawn(ask_alias_nodes());
  tasks_.spawn(tell_changes());
  tasks_.spawn(beat());
  co_return base::Status();
}

io::Task<void> Registry::stop() {
  co_await tasks_.stop();
  (void)co_await rewrite();
}

base::Status Registry::load() {
  TRY(Kept kept, journal_.load());
  for (model::CatalogService& service : kept.services)
    inventory_.put(std::move(service));
  for (KeptCheck& check : kept.checks)
    put(std::move(check.definition))
        .resume(check.status, std::move(check.output), world_.clock.uptime());
  return {};
}

/// `patience`: until its checks are asked for the first time.
void Registry::settle(const Resident& resident, base::Duration patience) {
  const base::Duration now = world_.clock.uptime();
  if (!resident.service.id.empty()) {
    inventory_.put(resident.service);
    resident_services_.insert(resident.service.id);
  }
  for (const CheckDefinition& check : resident.checks) {
    resident_checks_.insert(check.id);
    const OwnCheck* known = inventory_.own_check(check.id);
    if (known && known->definition() == check) continue;
    OwnCheck& own = put(check);
    if (own.is_probed()) own.probed_at(now + patience - check.interval);
    schedule(own);
  }
}

void Registry::set_residents(std::vector<Resident> residents) {
  const std::set<std::string> services = std::exchange(resident_services_, {});
  const std::set<std::string> checks = std::exchange(resident_checks_, {});
  for (const Resident& resident : residents)
    settle(resident, base::Duration(0));
  for (const std::string& id : checks)
    if (!resident_checks_.contains(id)) inventory_.erase_check(id);
  for (const std::string& id : services)
    if (!resident_services_.contains(id)) inventory_.erase_service(id);
  changed();
}

bool Registry::is_resident(const std::string& service, const std::string& check) const {
  return resident_services_.contains(service) || resident_checks_.contains(check);
}

KeptCheck Registry::kept(const OwnCheck& check) const {
  return {check.definition(), check.status(), check.output(), {}};
}

Kept Registry::to_keep() const {
  Kept kept;
  for (const auto& [id, service] : inventory_.own_services())
    if (!is_resident(id, "")) kept.services.push_back(service);
  for (const auto& [id, check] : inventory_.own_checks())
    if (!is_resident(check.definition().service_id, id)) kept.checks.push_back(this->kept(check));
  return kept;
}

io::Task<void> Registry::wait_for_other(std::uint64_t version, base::Duration patience) {
  const base::Duration deadline = world_.clock.uptime() + patience;
  while (version_ == version && world_.clock.uptime() < deadline)
    co_await (changed_.wait() || world_.clock.sleep(deadline - world_.clock.uptime()));
}

io::Task<base::Status> Registry::rewrite() {
  return journal_.rewrite([this] { return to_keep(); });
}

void Registry::changed() {
  ++version_;
  changed_.notify();
}

void Registry::changed_check(const OwnCheck& check) {
  inventory_.touch_check(check.definition().id);
  changed();
}

OwnCheck& Registry::put(CheckDefinition check) {
  OwnCheck& own = inventory_.put(std::move(check), world_.clock.uptime());
  schedule(own);
  return own;
}

io::Task<base::Status> Registry::kept_and_told(KeptChange change) {
  changed();
  const std::uint64_t mine = version_;
  CO_TRY_VOID(co_await journal_.append(std::move(change)));
  if (journal_.wants_rewrite()) {
    const base::Status done = co_await rewrite();
    if (!done) log_.warn("the journal is not cut short", {{"error", done.error().message}});
  }
  const base::Duration deadline = world_.clock.uptime() + told_patience;
  while (told_version_ < mine && world_.clock.uptime() < deadline)
    co_await (was_told_.wait() || world_.clock.sleep(deadline - world_.clock.uptime()));
  co_return base::Status();
}

base::Status Registry::check_room(std::size_t services, std::size_t checks) const {
  if (inventory_.own_services().size() + services <= services_max &&
      inventory_.own_checks().size() + checks <= checks_max)
    return {};
  return base::fail(
      base::Code::too_large,
      fmt::format("an agent has at most {} services and {} checks", services_max, checks_max));
}

io::Task<base::Status> Registry::add(model::CatalogService service,
                                     std::vector<CheckDefinition> checks, bool replaces_checks) {
  CO_TRY_VOID(check_room(1, checks.size()));
  const std::string id = service.id;
  KeptChange change;
  change.services.push_back(service);
  inventory_.put(std::move(service));
  resident_services_.erase(id);
  if (replaces_checks)
    for (const std::string& before : std::set<std::string>(inventory_.own_checks_of(id))) {
      const bool is_named = std::ranges::any_of(
          checks, [&](const CheckDefinition& check) { return check.id == before; });
      if (is_named ||
          inventory_.own_check(before)->definition().kind == CheckKind::maintenance)
        continue;
      inventory_.erase_check(before);
      change.gone_checks.push_back(before);
    }
  for (CheckDefinition& check : checks) {
    const OwnCheck* known = inventory_.own_check(check.id);
    // A check that is what it was goes on where it stood.
    if (!known || known->definition() != check) known = &put(std::move(check));
    change.checks.push_back(kept(*known));
  }
  co_return co_await kept_and_told(std::move(change));
}

io::Task<base::Status> Registry::remove_service(std::string id) {
  if (!inventory_.erase_service(id)) co_return std::unexpected(not_here("service", id));
  resident_services_.erase(id);
  KeptChange change;
  change.gone_service = std::move(id);
  co_return co_await kept_and_told(std::move(change));
}

io::Task<base::Status> Registry::add_check(CheckDefinition check) {
  CO_TRY_VOID(check_room(0, 1));
  if (!check.service_id.empty() && !inventory_.own_services().contains(check.service_id))
    co_return std::unexpected(not_here("service", check.service_id));
  resident_checks_.erase(check.id);
  KeptChange change;
  const OwnCheck& own = put(std::move(check));
  if (!is_resident(own.definition().service_id, "")) change.checks.push_back(kept(own));
  co_return co_await kept_and_told(std::move(change));
}

io::Task<base::Status> Registry::remove_check(std::string id) {
  if (!inventory_.erase_check(id)) co_return std::unexpected(not_here("check", id));
  resident_checks_.erase(id);
  KeptChange change;
  change.gone_checks.push_back(std::move(id));
  co_return co_await kept_and_told(std::move(change));
}

base::Status Registry::note(const std::string& id, model::Health health, std::string output) {
  OwnCheck* check = inventory_.own_check(id);
  if (!check) return std::unexpected(not_here("check", id));
  if (check->definition().kind != CheckKind::ttl)
    return base::fail(base::Code::internal,
                      fmt::format("CheckID \"{}\" does not have associated TTL", id));
  if (check->note(health, std::move(output), world_.clock.uptime())) changed_check(*check);
  return {};
}

void Registry::set_guests(const std::string& owner, std::vector<model::CatalogService> services,
                          std::vector<model::CatalogCheck> checks) {
  inventory_.set_guests(owner, std::move(services), std::move(checks));
  changed();
}

}  // namespace caravan::registry
