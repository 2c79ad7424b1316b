// SPDX-License-Identifier: Apache-2.0
#include "client/foreign/services.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/text.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

constexpr base::Duration look = 1s, services_retry = 2s;
/// So often it is asked what it has: it may have been told other things, or begun anew.
constexpr base::Duration compare_interval = 30s;
/// What an earlier life of this agent left there is not touched while allocations are restored.
constexpr base::Duration leftovers_grace = 60s;
constexpr const char* task_prefix = "_nomad-task-";

}  // namespace

json::Object foreign_definition(const model::CatalogService& service) {
  json::Object meta, addresses;
  for (const auto& [key, value] : service.meta)
    meta[key] = value;
  for (const auto& [name, address] : service.tagged_addresses)
    addresses[name] = json::Object{{"Address", address.address}, {"Port", address.port}};
  return {{"ID", service.id},
          {"Name", service.name},
          {"Tags", json::Array(service.tags.begin(), service.tags.end())},
          {"Address", service.address},
          {"Port", service.port},
          {"Meta", std::move(meta)},
          {"TaggedAddresses", std::move(addresses)},
          {"EnableTagOverride", service.enable_tag_override},
          {"Weights", json::Object{{"Passing", service.weights.passing},
                                   {"Warning", service.weights.warning}}}};
}

std::vector<ForeignService> foreign_services(const CatalogShare& share) {
  std::vector<ForeignService> all;
  for (const model::CatalogService& service : share.services) {
    ForeignService& made = all.emplace_back();
    made.id = service.id;
    made.definition = foreign_definition(service);
    json::Array checks;
    for (const model::CatalogCheck& check : share.checks) {
      const auto question = share.questions.find(check.id);
      if (check.service_id != service.id || question == share.questions.end()) continue;
      json::Object definition = question->second.definition;
      definition["CheckID"] = check.id;
      definition["Name"] = check.name;
      definition["Notes"] = check.notes;
      checks.emplace_back(std::move(definition));
      if (question->second.tell_again.count() > 0)
        made.results[check.id] = {std::string(model::name_of(check.status)), check.output,
                                  question->second.tell_again};
    }
    made.definition["Checks"] = std::move(checks);
  }
  return all;
}

ForeignServices::ForeignServices(io::World& world, ForeignAgent& agent, io::Logger log)
    : world_(world),
      agent_(agent),
      log_(std::move(log)),
      changed_(world.executor.lane(io::Lane::client)),
      tasks_(world.executor.lane(io::Lane::client)) {}

void ForeignServices::start() {
  started_ = world_.clock.uptime();
  tasks_.spawn(keep_in_step());
}

io::Task<void> ForeignServices::stop() {
  co_await tasks_.stop();
  for (const ForeignService& service : by_owner_[own])
    if (!co_await take_away(service.id)) break;  // nobody is there to be told
}

void ForeignServices::set(const std::string& owner, std::vector<ForeignService> services) {
  if (services.empty())
    by_owner_.erase(owner);
  else
    by_owner_[owner] = std::move(services);
  changed_.notify();
}

std::map<std::string, ForeignService> ForeignServices::wanted() const {
  std::map<std::string, ForeignService> all;
  for (const auto& [owner, services] : by_owner_)
    for (const ForeignService& service : services)
      all.insert_or_assign(service.id, service);
  return all;
}

io::Task<base::Status> ForeignServices::take_away(std::string id) {
  std::string path = "/v1/agent/service/deregister/" + base::percent_encode(id);
  CO_TRY_VOID(co_await agent_.ask("PUT", std::move(path)));
  told_.erase(id);
  co_return base::Status();
}

/// What it has of us, and what it has forgotten.
io::Task<base::Status> ForeignServices::compare() {
  CO_TRY(const ForeignAgent::Reply known, co_await agent_.ask("GET", "/v1/agent/services"));
  const json::Object* services = known.body.as_object();
  if (!services) co_return base::Status();
  std::erase_if(told_, [&](const auto& entry) { return !services->find(entry.first); });
  compared_ = world_.clock.uptime();
  if (compared_ - started_ < leftovers_grace) co_return base::Status();
  const std::map<std::string, ForeignService> all = wanted();
  std::vector<std::string> left;
  for (const json::Member& member : *services)
    if (member.name.starts_with(task_prefix) && !all.contains(member.name))
      left.push_back(member.name);
  for (const std::string& id : left)
    CO_TRY_VOID(co_await take_away(id));
  co_return base::Status();
}

io::Task<base::Status> ForeignServices::tell(const ForeignService& service) {
  const auto known = told_.find(service.id);
  if (known == told_.end() || known->second.definition != service.definition) {
    CO_TRY_VOID(co_await agent_.ask("PUT",
                                    "/v1/agent/service/register?replace-existing-checks=true",
                                    service.definition));
    told_[service.id] = {service.definition, {}, {}};
  }
  co_return co_await tell_results(service);
}

io::Task<base::Status> ForeignServices::tell_results(const ForeignService& service) {
  for (const auto& [check, result] : service.results) {
    Told& told = told_[service.id];
    const bool is_due = world_.clock.uptime() - told.at[check] >= result.again;
    if (told.results[check] == result && !is_due) continue;
    json::Value body = json::Object{{"Status", result.status}, {"Output", result.output}};
    std::string path = "/v1/agent/check/update/" + base::percent_encode(check);
    const auto updated = co_await agent_.ask("PUT", std::move(path), std::move(body));
    if (!updated || updated->status != 200) {
      told_.erase(service.id);  // it may have lost the check
      CO_TRY_VOID(updated);
      co_return base::fail(base::Code::not_found, "the check is not there any more");
    }
    told_[service.id].results[check] = result;
    told_[service.id].at[check] = world_.clock.uptime();
  }
  co_return base::Status();
}

io::Task<base::Status> ForeignServices::tell_all() {
  if (compared_ == base::Duration(0) || world_.clock.uptime() - compared_ >= compare_interval)
    CO_TRY_VOID(co_await compare());
  const std::map<std::string, ForeignService> all = wanted();
  std::vector<std::string> gone;
  for (const auto& [id, told] : told_)
    if (!all.contains(id)) gone.push_back(id);
  for (const std::string& id : gone)
    CO_TRY_VOID(co_await take_away(id));
  for (const auto& [id, service] : all)
    CO_TRY_VOID(co_await tell(service));
  co_return base::Status();
}

io::Task<void> ForeignServices::keep_in_step() {
  bool was_well = true;
  while (true) {
    const base::Status told = co_await tell_all();
    if (!told && was_well)
      log_.warn("Consul does not take what this node offers",
                {{"address", agent_.place()}, {"error", told.error().message}});
    was_well = told.has_value();
    if (!told)
      co_await world_.clock.sleep(world_.random.jitter(services_retry, 0.5));
    else
      co_await (changed_.wait() || world_.clock.sleep(look));
  }
}

}  // namespace caravan::client
