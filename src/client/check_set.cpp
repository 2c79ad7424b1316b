// SPDX-License-Identifier: Apache-2.0
#include "client/check_set.hpp"

#include <fmt/core.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "client/services.hpp"
#include "client/task_env.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;

/// Tasks that begin and end, and probes that come back, are noticed within this time.
constexpr base::Duration look = 200ms;

std::string hash_of(const std::string& text) {
  return fmt::format("{:016x}{:016x}", base::hash64(text), base::hash64(text, 1));
}

checks::Probe make_probe(const model::Service& service, const model::ServiceCheck& check,
                         const model::Allocation& alloc, const model::Node& node,
                         const std::string& owner, const std::string& region) {
  const model::Task* task = alloc.task_group().find_task(owner);
  const TaskEnv env(
      {alloc, task ? *task : alloc.task_group().tasks.front(), node, region, {}, {}, {}});
  model::Service asked =
      service;  // the check's own words for port and address go before the service's
  if (!check.port_label.empty()) asked.port_label = check.port_label;
  if (!check.address_mode.empty()) asked.address_mode = check.address_mode;
  const model::ServiceRegistration where = registration(alloc, node, owner, asked, region);
  checks::Probe probe;
  probe.kind = check.type == "http" ? checks::Probe::Kind::http : checks::Probe::Kind::tcp;
  probe.address = {where.address, static_cast<std::uint16_t>(where.port), false};
  probe.timeout = check.timeout;
  if (!check.method.empty()) probe.method = check.method;
  probe.path = env.interpolate(check.path);
  probe.body = env.interpolate(check.body);
  probe.tls = check.protocol == "https";
  probe.checks_peer = !check.tls_skip_verify;
  probe.server_name = env.interpolate(check.tls_server_name);
  for (const auto& [name, values] : check.header)
    for (const std::string& value : values)
      probe.headers.add(name, env.interpolate(value));
  return probe;
}

/// As load balancers read it: of pages only those below 300 are well, and one that has too much to
/// do says so.
model::Health registered_health(const model::ServiceCheck& check, const checks::Status& status) {
  using model::Health;
  if (status.name() == std::string_view("pending")) {
    if (check.initial_status == "passing") return Health::passing;
    return check.initial_status == "warning" ? Health::warning : Health::critical;
  }
  const int code = status.outcome().status_code;
  if (code == 0) return status.is_passing() ? Health::passing : Health::critical;
  if (code == 429) return Health::warning;
  return code >= 200 && code < 300 ? Health::passing : Health::critical;
}

}  // namespace

CheckSet::CheckSet(Host& host, const model::Allocation& alloc, CheckedTasks& tasks)
    : host_(host), alloc_(alloc), tasks_(tasks) {}

/// `owner`: a task's name, or "" for the group.
void CheckSet::add(Entries& into, const std::string& owner, const model::Service& service) const {
  const std::string by = owner.empty() ? "group-" + alloc_.group : owner;
  const model::ServiceRegistration registered =
      registration(alloc_, host_.node, by, service, host_.region);
  for (const model::ServiceCheck& check : service.checks) {
    auto entry = std::make_shared<Entry>();
    entry->check = check;
    if (!check.check_restart) entry->check.check_restart = service.check_restart;
    entry->task = !owner.empty()             ? owner
                  : !check.task_name.empty() ? check.task_name
                                             : service.task_name;
    entry->service = registered.service_name;
    if (service.provider == "consul") entry->registered = registered.id;
    entry->name = !check.name.empty()
                      ? check.name
                      : fmt::format("service: \"{}\" check", registered.service_name);
    entry->probe = make_probe(service, check, alloc_, host_.node, by, host_.region);
    const checks::Probe& p = entry->probe;
    entry->id =
        hash_of(fmt::format("{}/{}/{}/{}/{}/{}/{}", registered.id, entry->name, check.type,
                            p.address.to_string(), p.method, p.path, check.interval.count()));
    into.emplace(entry->id, std::move(entry));
  }
}

CheckSet::Entries CheckSet::wanted() const {
  Entries list;
  for (const model::Service& service : alloc_.task_group().services)
    add(list, "", service);
  for (const model::Task& task : alloc_.task_group().tasks)
    for (const model::Service& service : task.services)
      add(list, task.name, service);
  return list;
}

/// A job's new version may bring other checks; what stays the same keeps its results.
void CheckSet::keep_up() {
  Entries now = wanted();
  for (auto& [id, entry] : now)
    if (const auto before = entries_.find(id); before != entries_.end()) {
      before->second->check = entry->check;
      entry = before->second;
    }
  entries_ = std::move(now);
}

io::Task<void> CheckSet::ask(io::World& world, std::shared_ptr<Entry> entry) {
  entry->fresh = co_await checks::ask(world.network, world.clock, entry->probe);
  entry->asking = false;
}

void CheckSet::look_at(Entry& entry) {
  const std::optional<base::Duration> running = tasks_.running_for(entry.task);
  if (!running) {
    entry.status.forget();
    entry.fresh.reset();
    entry.due = host_.world.clock.uptime();
  } else if (entry.fresh) {
    const checks::Outcome outcome = *std::exchange(entry.fresh, {});
    if (entry.status.note(outcome, host_.world.clock.now(), entry.check.check_restart, *running))
      tasks_.restart_unhealthy(entry.task,
                               fmt::format("healthcheck: check \"{}\" unhealthy", entry.name));
  }
}

io::Task<void> CheckSet::run() {
  io::TaskGroup probes(host_.world.executor.lane(io::Lane::client));
  const model::Job* known = nullptr;
  while (true) {
    if (known != alloc_.job.get()) keep_up();
    known = alloc_.job.get();
    const base::Duration now = host_.world.clock.uptime();
    for (const auto& [id, entry] : entries_) {
      look_at(*entry);
      if (entry->asking || entry->due > now || !tasks_.running_for(entry->task)) continue;
      entry->asking = true;
      entry->due = now + entry->check.interval;
      probes.spawn(ask(host_.world, entry));
    }
    const base::Duration pause = entries_.empty() ? base::Duration(1s) : base::Duration(look);
    co_await host_.world.clock.sleep(pause);
  }
}

bool CheckSet::all_passing() const {
  const Entries all =
      entries_.empty() ? wanted() : entries_;  // before the first look none is known
  return std::ranges::all_of(all, [](const auto& item) { return is_passing(*item.second); });
}

bool CheckSet::passing_of(const std::string& task) const {
  const Entries all = entries_.empty() ? wanted() : entries_;
  return std::ranges::all_of(
      all, [&](const auto& item) { return item.second->task != task || is_passing(*item.second); });
}

std::vector<model::CatalogCheck> CheckSet::catalog_checks() const {
  std::vector<model::CatalogCheck> all;
  for (const auto& [id, entry] : entries_) {
    if (entry->registered.empty()) continue;
    model::CatalogCheck& check = all.emplace_back();
    check.id = "_nomad-check-" + id;
    check.name = entry->name;
    check.service_id = entry->registered;
    check.type = entry->check.type;
    check.output = entry->status.outcome().output;
    check.status = registered_health(entry->check, entry->status);
  }
  return all;
}

json::Object CheckSet::results() const {
  json::Object list;
  for (const auto& [id, entry] : entries_) {
    const checks::Status& status = entry->status;
    json::Object result = {
        {"ID", id},
        {"Mode", entry->check.on_update == "ignore" ? "readiness" : "healthiness"},
        {"Status", status.name()},
        {"Output", status.outcome().output},
        {"Timestamp", status.time().unix_ns / 1'000'000'000},
        {"Group", alloc_.name()},
        {"Service", entry->service},
        {"Check", entry->name}};
    if (status.outcome().status_code != 0) result["StatusCode"] = status.outcome().status_code;
    if (!entry->task.empty()) result["Task"] = entry->task;
    list[id] = std::move(result);
  }
  return list;
}

}  // namespace caravan::client
