// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "registry/kept.hpp"

namespace caravan::registry {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

/// Whoever registers something and asks for it at once finds it, unless the servers are slow.
constexpr base::Duration told_patience = 1s;
constexpr unsigned file_mode = 0600;
/// The agent is about to listen on what its own checks ask.
constexpr base::Duration resident_patience = 1s;

base::Error not_here(const char* what, const std::string& id) {
  return {base::Code::not_found, fmt::format("unknown {} ID: {}", what, id)};
}

}  // namespace

Registry::Registry(io::World& world, RegistryConfig config, rpc::Channel& servers, io::Logger log)
    : world_(world),
      config_(std::move(config)),
      servers_(servers),
      log_(std::move(log)),
      changed_(world.executor.lane(io::Lane::main)),
      was_told_(world.executor.lane(io::Lane::main)),
      was_kept_(world.executor.lane(io::Lane::main)),
      tasks_(world.executor.lane(io::Lane::main)) {}

io::Task<base::Status> Registry::start() {
  CO_TRY_VOID(load());
  settle_residents();
  tasks_.spawn(run_checks());
  tasks_.spawn(tell_changes());
  tasks_.spawn(beat());
  co_return base::Status();
}

io::Task<void> Registry::stop() {
  co_await tasks_.stop();
  (void)co_await keep();
}

base::Status Registry::load() {
  if (!world_.disk.exists(config_.file)) return {};
  TRY(const std::string bytes, world_.disk.read_file(config_.file));
  const base::Result<Kept> kept = wire::decode<Kept>(bytes);
  if (!kept)
    return base::invalid(fmt::format("{}: {}; take it away, and register anew what it held",
                                     config_.file, kept.error().message));
  const base::Duration now = world_.clock.uptime();
  for (const model::CatalogService& service : kept->services)
    services_.emplace(service.id, service);
  for (const KeptCheck& check : kept->checks) {
    OwnCheck& own = checks_.try_emplace(check.definition.id, check.definition, now).first->second;
    own.resume(check.status, check.output, now);
  }
  return {};
}

void Registry::settle_residents() {
  const base::Duration now = world_.clock.uptime();
  for (const Resident& resident : config_.residents) {
    services_.insert_or_assign(resident.service.id, resident.service);
    for (const CheckDefinition& check : resident.checks) {
      OwnCheck& own = checks_.insert_or_assign(check.id, OwnCheck(check, now)).first->second;
      own.probed_at(now + resident_patience - check.interval);
    }
  }
}

bool Registry::is_resident(const std::string& service) const {
  return std::ranges::any_of(
      config_.residents, [&](const Resident& resident) { return resident.service.id == service; });
}

/// Several at once share a write.
io::Task<base::Status> Registry::keep() {
  while (is_keeping_)
    co_await was_kept_.wait();
  Kept kept;
  for (const auto& [id, service] : services_)
    if (!is_resident(id)) kept.services.push_back(service);
  for (const auto& [id, check] : checks_)
    if (!is_resident(check.definition().service_id))
      kept.checks.push_back({check.definition(), check.status(), check.output(), {}});
  is_keeping_ = true;
  const base::Status written =
      co_await world_.disk.replace_file(config_.file, wire::encode(kept), file_mode);
  is_keeping_ = false;
  was_kept_.notify();
  co_return written;
}

void Registry::changed() {
  ++version_;
  changed_.notify();
}

io::Task<base::Status> Registry::kept_and_told() {
  changed();
  const std::uint64_t mine = version_;
  CO_TRY_VOID(co_await keep());
  const base::Duration deadline = world_.clock.uptime() + told_patience;
  while (told_version_ < mine && world_.clock.uptime() < deadline)
    co_await (was_told_.wait() || world_.clock.sleep(deadline - world_.clock.uptime()));
  co_return base::Status();
}

base::Status Registry::check_room(std::size_t services, std::size_t checks) const {
  if (services_.size() + services <= services_max && checks_.size() + checks <= checks_max)
    return {};
  return base::fail(
      base::Code::too_large,
      fmt::format("an agent has at most {} services and {} checks", services_max, checks_max));
}

io::Task<base::Status> Registry::add(model::CatalogService service,
                                     std::vector<CheckDefinition> checks, bool replaces_checks) {
  CO_TRY_VOID(check_room(1, checks.size()));
  const std::string id = service.id;
  const base::Duration now = world_.clock.uptime();
  services_.insert_or_assign(id, std::move(service));
  std::erase_if(checks_, [&](const auto& entry) {
    const bool is_named = std::ranges::any_of(
        checks, [&](const CheckDefinition& check) { return check.id == entry.first; });
    return replaces_checks && !is_named && entry.second.definition().service_id == id &&
           entry.second.definition().kind != CheckKind::maintenance;
  });
  for (CheckDefinition& check : checks) {
    const auto known = checks_.find(check.id);
    // A check that is what it was goes on where it stood.
    if (known != checks_.end() && known->second.definition() == check) continue;
    const std::string check_id = check.id;
    checks_.insert_or_assign(check_id, OwnCheck(std::move(check), now));
  }
  co_return co_await kept_and_told();
}

io::Task<base::Status> Registry::remove_service(std::string id) {
  if (services_.erase(id) == 0) co_return std::unexpected(not_here("service", id));
  std::erase_if(checks_,
                [&](const auto& entry) { return entry.second.definition().service_id == id; });
  co_return co_await kept_and_told();
}

io::Task<base::Status> Registry::add_check(CheckDefinition check) {
  CO_TRY_VOID(check_room(0, 1));
  if (!check.service_id.empty() && !services_.contains(check.service_id))
    co_return std::unexpected(not_here("service", check.service_id));
  const std::string id = check.id;
  checks_.insert_or_assign(id, OwnCheck(std::move(check), world_.clock.uptime()));
  co_return co_await kept_and_told();
}

io::Task<base::Status> Registry::remove_check(std::string id) {
  if (checks_.erase(id) == 0) co_return std::unexpected(not_here("check", id));
  co_return co_await kept_and_told();
}

base::Status Registry::note(const std::string& id, model::Health health, std::string output) {
  const auto found = checks_.find(id);
  if (found == checks_.end()) return std::unexpected(not_here("check", id));
  if (found->second.definition().kind != CheckKind::ttl)
    return base::fail(base::Code::internal,
                      fmt::format("CheckID \"{}\" does not have associated TTL", id));
  if (found->second.note(health, std::move(output), world_.clock.uptime())) changed();
  return {};
}

void Registry::set_guests(const std::string& owner, std::vector<model::CatalogService> services,
                          std::vector<model::CatalogCheck> checks) {
  for (model::CatalogService& service : services)
    service.node = config_.node.name;
  const auto before = guests_.find(owner);
  for (model::CatalogCheck& check : checks) {
    check.node = config_.node.name;
    // Other words alone are not told, as of our own checks.
    if (before != guests_.end())
      for (const model::CatalogCheck& known : before->second.checks)
        if (known.id == check.id && known.status == check.status) check.output = known.output;
    const auto service = std::ranges::find(services, check.service_id, &model::CatalogService::id);
    if (service == services.end()) continue;
    check.service_name = service->name;
    check.service_tags = service->tags;
  }
  if (services.empty())
    guests_.erase(owner);
  else
    guests_[owner] = {std::move(services), std::move(checks)};
  changed();
}

std::map<std::string, model::CatalogService> Registry::services() const {
  std::map<std::string, model::CatalogService> all = services_;
  for (const auto& [owner, guests] : guests_)
    for (const model::CatalogService& service : guests.services)
      all.emplace(service.id, service);
  return all;
}

std::map<std::string, model::CatalogCheck> Registry::all_checks(View view) const {
  std::map<std::string, model::CatalogCheck> all;
  for (const auto& [owner, guests] : guests_)
    for (const model::CatalogCheck& check : guests.checks)
      all.emplace(check.id, check);
  for (const auto& [id, own] : checks_) {
    model::CatalogCheck check = (own.*view)(config_.node.name);
    if (const auto service = services_.find(check.service_id); service != services_.end()) {
      check.service_name = service->second.name;
      check.service_tags = service->second.tags;
    }
    all.emplace(id, std::move(check));
  }
  return all;
}

}  // namespace caravan::registry
