// SPDX-License-Identifier: Apache-2.0
#include "client/check_set.hpp"

#include <fmt/core.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "checks/script.hpp"
#include "checks/words.hpp"
#include "client/services.hpp"
#include "client/task_env.hpp"
#include "driver/captured.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;

/// Tasks that begin and end, and probes that come back, are noticed within this time.
constexpr base::Duration look = 200ms;
/// What a result may come late by before it counts as none.
constexpr base::Duration ttl_grace = 10s;

std::string hash_of(const std::string& text) {
  return fmt::format("{:016x}{:016x}", base::hash64(text), base::hash64(text, 1));
}

/// How a check asks: by a probe, or by a command in its task.
struct Question {
  checks::Probe probe;
  std::string place;
  std::vector<std::string> command;
};

checks::Probe::Kind kind_of(const std::string& type) {
  if (type == "http") return checks::Probe::Kind::http;
  return type == "grpc" ? checks::Probe::Kind::grpc : checks::Probe::Kind::tcp;
}

Question make_question(const model::Service& service, const model::ServiceCheck& check,
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
  Question question;
  checks::Probe& probe = question.probe;
  probe.kind = kind_of(check.type);
  probe.address = {where.address, static_cast<std::uint16_t>(where.port), false};
  probe.timeout = check.timeout;
  if (!check.method.empty()) probe.method = check.method;
  probe.path = env.interpolate(check.path);
  probe.body = env.interpolate(check.body);
  probe.grpc_service = env.interpolate(check.grpc_service);
  probe.tls = check.type == "grpc" ? check.grpc_use_tls : check.protocol == "https";
  probe.checks_peer = !check.tls_skip_verify;
  probe.server_name = env.interpolate(check.tls_server_name);
  for (const auto& [name, values] : check.header)
    for (const std::string& value : values)
      probe.headers.add(name, env.interpolate(value));
  question.place = probe.address.to_string();
  if (check.type == "http")
    question.place =
        fmt::format("{}://{}{}", probe.tls ? "https" : "http", question.place, probe.path);
  if (check.type == "grpc" && !probe.grpc_service.empty())
    question.place += "/" + probe.grpc_service;
  if (check.type != "script") return question;
  question.command.push_back(env.interpolate(check.command));
  for (const std::string& argument : check.args)
    question.command.push_back(env.interpolate(argument));
  return question;
}

/// A script runs where its task is; everything else can be asked from beside the node.
CheckQuestion question_of(const model::ServiceCheck& check, const checks::Probe& probe,
                          const std::string& place) {
  CheckQuestion question;
  json::Object& d = question.definition;
  if (!check.initial_status.empty()) d["Status"] = check.initial_status;
  if (check.type == "script") {
    question.tell_again = check.interval;
    d["TTL"] = base::format_duration(2 * check.interval + check.timeout + ttl_grace);
    return question;
  }
  d["Interval"] = base::format_duration(check.interval);
  d["Timeout"] = base::format_duration(check.timeout);
  d["SuccessBeforePassing"] = check.success_before_passing;
  d["FailuresBeforeCritical"] = check.failures_before_critical;
  if (check.failures_before_warning > 0) d["FailuresBeforeWarning"] = check.failures_before_warning;
  d["TLSSkipVerify"] = check.tls_skip_verify;
  if (!probe.server_name.empty()) d["TLSServerName"] = probe.server_name;
  if (check.type == "grpc") {
    d["GRPC"] = place;
    d["GRPCUseTLS"] = check.grpc_use_tls;
  } else if (check.type == "http") {
    d["HTTP"] = place;
    d["Method"] = probe.method;
    if (!probe.body.empty()) d["Body"] = probe.body;
    json::Object header;
    for (const auto& [name, value] : probe.headers) {
      if (!header.find(name)) header[name] = json::Array();
      header[name].as_array()->emplace_back(value);
    }
    d["Header"] = std::move(header);
  } else {
    d["TCP"] = place;
  }
  return question;
}

model::Health initial_health(const model::ServiceCheck& check) {
  if (check.initial_status == "passing") return model::Health::passing;
  return check.initial_status == "warning" ? model::Health::warning : model::Health::critical;
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
    Question question = make_question(service, check, alloc_, host_.node,
                                      check.type == "script" ? entry->task : by, host_.region);
    entry->probe = std::move(question.probe);
    entry->place = std::move(question.place);
    entry->command = std::move(question.command);
    entry->health = initial_health(check);
    const checks::Probe& p = entry->probe;
    std::string said = fmt::format("{}/{}/{}/{}/{}/{}/{}", registered.id, entry->name, check.type,
                                   p.address.to_string(), p.method, p.path,
                                   check.interval.count());
    if (!p.grpc_service.empty()) said += "/" + p.grpc_service;
    if (!entry->command.empty()) said += "/" + base::join(entry->command, " ");
    entry->id = hash_of(said);
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

/// In the task, as whoever is logged in there would.
io::Task<checks::Outcome> CheckSet::run_script(const Entry& entry) {
  const base::Duration timeout = std::min(entry.check.timeout, checks::timeout_max);
  driver::Captured said(host_.world.clock, timeout, checks::output_bytes_max);
  driver::ExecSpec what{entry.command, false};
  const base::Result<int> code = co_await tasks_.run_beside(entry.task, std::move(what), said);
  checks::Outcome outcome;
  if (code) {
    outcome.health = checks::health_of_exit(*code);
    outcome.passing = *code == 0;
    outcome.output = said.output();
    outcome.is_quoted = true;
  } else if (said.timed_out()) {
    outcome.output =
        fmt::format("the script did not end within {}", base::format_duration(timeout));
  } else {
    outcome.output = code.error().message;
  }
  co_return outcome;
}

io::Task<void> CheckSet::ask(std::shared_ptr<Entry> entry) {
  if (entry->command.empty())
    entry->fresh = co_await checks::ask(host_.world.network, host_.world.clock, entry->probe);
  else
    entry->fresh = co_await run_script(*entry);
  entry->asking = false;
}

bool CheckSet::is_passing(const Entry& entry) {
  using model::Health;
  if (entry.check.on_update == "ignore") return true;
  const bool takes_warnings = entry.check.on_update == "ignore_warnings";
  if (entry.registered.empty())
    return entry.status.is_passing() ||
           (takes_warnings && entry.status.outcome().health == Health::warning);
  return entry.health == Health::passing || (takes_warnings && entry.health == Health::warning);
}

void CheckSet::look_at(Entry& entry) {
  const std::optional<base::Duration> running = tasks_.running_for(entry.task);
  if (!running) {
    entry.status.forget();
    entry.fresh.reset();
    entry.tally = {};
    entry.health = initial_health(entry.check);
    entry.due = host_.world.clock.uptime();
  } else if (entry.fresh) {
    const checks::Outcome outcome = *std::exchange(entry.fresh, {});
    const model::ServiceCheck& c = entry.check;
    const checks::Thresholds thresholds{c.success_before_passing, c.failures_before_warning,
                                        c.failures_before_critical};
    entry.health = entry.tally.note(outcome.health, thresholds, entry.health);
    if (entry.status.note(outcome, host_.world.clock.now(), c.check_restart, *running))
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
      probes.spawn(ask(entry));
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
    check.notes = entry->check.notes;
    check.status = entry->health;
    const checks::Outcome& outcome = entry->status.outcome();
    if (!entry->command.empty())
      check.output = outcome.output;
    else if (entry->status.is_known())
      check.output = checks::registry_words(entry->probe, entry->place, outcome);
  }
  return all;
}

std::map<std::string, CheckQuestion> CheckSet::questions() const {
  std::map<std::string, CheckQuestion> all;
  for (const auto& [id, entry] : entries_)
    if (!entry->registered.empty())
      all["_nomad-check-" + id] = question_of(entry->check, entry->probe, entry->place);
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
        {"Output", checks::job_words(status.outcome())},
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
