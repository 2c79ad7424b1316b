// SPDX-License-Identifier: Apache-2.0
#include "client/alloc_runner.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "client/services.hpp"
#include "client/signals.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using model::ClientStatus;
using model::TaskRunState;

constexpr base::Duration health_look = 500ms;
constexpr base::Duration services_retry = 2s;

}  // namespace

ClientStatus client_status(const std::map<std::string, model::TaskState>& states) {
  bool failed = false, running = false, pending = states.empty();
  for (const auto& [name, state] : states) {
    failed = failed || state.failed;
    running = running || state.state == TaskRunState::running;
    pending = pending || state.state == TaskRunState::pending;
  }
  if (failed) return ClientStatus::failed;
  if (running) return ClientStatus::running;
  return pending ? ClientStatus::pending : ClientStatus::complete;
}

std::string client_description(ClientStatus status) {
  switch (status) {
    case ClientStatus::failed:
      return "Failed tasks";
    case ClientStatus::running:
      return "Tasks are running";
    case ClientStatus::pending:
      return "No tasks have started";
    case ClientStatus::complete:
      return "All tasks have completed";
    default:
      return "";
  }
}

AllocRunner::AllocRunner(Host& host, StoredAlloc stored)
    : host_(host),
      alloc_(std::move(stored.alloc)),
      dir_(host.alloc_root, alloc_.id),
      records_(std::move(stored.tasks)),
      changed_(host.world.executor.lane(io::Lane::client)),
      checks_(host, alloc_, *this),
      restored_(!records_.empty()) {
  for (const model::Task& task : alloc_.task_group().tasks)
    tasks_.emplace(task.name,
                   std::make_unique<TaskRunner>(host_, *this, task.name, records_[task.name]));
}

AllocRunner::~AllocRunner() = default;

void AllocRunner::start() {
  group_ = std::make_unique<io::TaskGroup>(host_.world.executor.lane(io::Lane::client));
  group_->spawn(live());
}

io::Task<void> AllocRunner::abandon() {
  if (group_) co_await group_->stop();
}

io::Task<void> AllocRunner::update(model::Allocation newer) {
  newer.task_states = alloc_.task_states;
  newer.network_status = alloc_.network_status;
  const bool other_deployment = newer.deployment_id != alloc_.deployment_id;
  alloc_ = std::move(newer);
  if (other_deployment) {  // the new version's rollout wants to hear of its health anew
    healthy_.reset();
    if (!over_ && group_) group_->spawn(watch_health());
  }
  const base::Status saved = co_await host_.local_state.save_alloc(alloc_);
  if (!saved)
    host_.log.error("cannot write an allocation down",
                    {{"alloc", alloc_.id.to_short()}, {"error", saved.error().message}});
  react();
  changed_.notify();
}

wire::AllocReport AllocRunner::report() const {
  wire::AllocReport report;
  report.alloc_id = alloc_.id;
  for (const auto& [name, task] : tasks_)
    report.task_states.emplace(name, task->state());
  report.client_status = client_status(report.task_states);
  if (setup_error_) report.client_status = ClientStatus::failed;
  // A failed task's siblings may still be on their way out; the allocation is not over before they
  // are.
  const bool leaving = report.client_status == ClientStatus::failed && !all_dead() && !setup_error_;
  // Nor before its published ports lead nowhere any more: they may be given to another.
  const bool ended = report.client_status == ClientStatus::failed ||
                     report.client_status == ClientStatus::complete;
  if (leaving || (ended && has_network_))
    report.client_status = setup_error_ ? ClientStatus::pending : ClientStatus::running;
  report.client_description =
      setup_error_ ? *setup_error_ : client_description(report.client_status);
  report.deployment_healthy = healthy_;
  report.health_time = health_time_;
  report.network_status = alloc_.network_status;
  return report;
}

ClientStatus AllocRunner::status() const { return report().client_status; }

bool AllocRunner::all_dead(bool (model::Task::*which)() const) const {
  return std::ranges::all_of(tasks_, [&](const auto& entry) {
    return (which && !(entry.second->task().*which)()) || entry.second->is_dead();
  });
}

bool AllocRunner::may_start(const model::Task& task) const {
  if (task.is_poststop()) {
    return std::ranges::all_of(tasks_, [](const auto& entry) {
      return entry.second->task().is_poststop() || entry.second->is_finished();
    });
  }
  if (killing_ || (restored_ && !host_.in_contact())) return false;
  if (task.is_prestart()) return true;
  for (const auto& [name, other] : tasks_) {
    if (!other->task().is_prestart()) continue;
    if (other->task().is_sidecar() ? !other->is_running() : !other->is_done()) return false;
  }
  if (task.is_main()) return true;
  return std::ranges::all_of(tasks_, [](const auto& entry) {
    return !entry.second->task().is_main() || entry.second->is_running() || entry.second->is_dead();
  });
}

void AllocRunner::task_changed() {
  react();
  changed_.notify();
  host_.changed(alloc_.id);
}

const TaskRunner* AllocRunner::failed_task() const {
  for (const auto& [name, task] : tasks_)
    if (task->is_dead() && task->state().failed && !task->task().is_poststop()) return task.get();
  return nullptr;
}

/// What the state of some tasks means for the others.
void AllocRunner::react() {
  if (stops()) return kill_all({});
  if (const TaskRunner* failed = failed_task())
    return kill_all(event::sibling_failed(failed->name()));
  bool any_main = false, mains_dead = true;
  for (const auto& [name, task] : tasks_) {
    if (task->task().leader && task->is_dead()) return kill_all(event::leader_dead());
    if (!task->task().is_main()) continue;
    any_main = true;
    mains_dead = mains_dead && task->is_dead();
  }
  if (any_main && mains_dead) kill_all(event::main_tasks_dead());
}

void AllocRunner::kill_all(std::optional<model::TaskEvent> why) {
  killing_ = true;
  const auto leader = std::ranges::find_if(tasks_, [](const auto& entry) {
    return entry.second->task().leader && !entry.second->is_dead();
  });
  if (leader != tasks_.end()) {  // the others are told when it is gone
    leader->second->kill({});
  } else {
    for (const auto& [name, task] : tasks_)
      if (!task->task().is_poststop() && !task->is_dead()) task->kill(why);
  }
  changed_.notify();
}

io::Task<bool> AllocRunner::prepare() {
  // The one before it on this node may still hold its ports and its data.
  while (!stops() && !host_.has_ended(alloc_.previous_allocation))
    co_await changed_.wait();
  if (stops() && records_.empty()) co_return true;
  base::Status made = dir_.make(host_.world.disk, alloc_.task_group());
  if (made && !all_dead()) made = co_await make_network();
  if (made) co_return true;
  setup_error_ = made.error().message;
  co_return false;
}

io::Task<base::Status> AllocRunner::make_network() {
  const NetworkOrder order =
      network_order(alloc_, host_.node, host_.region, host_.networks.config().any_address);
  for (const model::Task& task : alloc_.task_group().tasks) {
    const auto driver = host_.drivers.find(task.driver);
    const bool joins = driver != host_.drivers.end() && driver->second->joins_network_namespace();
    if (order.has_namespace() && !joins)
      co_return base::fail(base::Code::unsupported,
                           fmt::format("driver {} of task \"{}\" cannot join a network of mode {}",
                                       task.driver, task.name, order.mode));
  }
  has_network_ = order.has_namespace();
  CO_TRY(network_, co_await host_.networks.make(order, host_.node));
  if (!network_.status) co_return base::Status();
  alloc_.network_status = network_.status;
  host_.changed(alloc_.id);
  co_return base::Status();
}

io::Task<void> AllocRunner::live() {
  if (co_await prepare()) {
    react();
    co_await (supervise() || keep_services() || checks_.run() ||
              host_.networks.keep(alloc_.id, restored_));
  } else {
    for (const auto& [name, task] : tasks_)
      if (!task->is_dead()) co_await task->fail_setup(*setup_error_);
  }
  co_await host_.networks.remove(alloc_.id);
  has_network_ = false;
  // A rollout hears of it also when the end came before anybody looked.
  if (!alloc_.deployment_id.is_nil() && !healthy_ && status() == ClientStatus::failed)
    decide_health(false);
  over_ = true;
  std::vector<model::ServiceRegistration> none;
  wire::SetAllocServices gone;
  gone.alloc_id = alloc_.id;
  gone.node_id = host_.node.id;
  if (has_services(alloc_.task_group()))
    (void)co_await host_.set_services(std::move(gone));  // the servers clean up too
  host_.changed(alloc_.id);
}

io::Task<void> AllocRunner::supervise() {
  io::TaskGroup runs(host_.world.executor.lane(io::Lane::client));
  for (const auto& [name, task] : tasks_)
    runs.spawn(task->run());
  if (!alloc_.deployment_id.is_nil()) group_->spawn(watch_health());
  while (
      !std::ranges::all_of(tasks_, [](const auto& entry) { return entry.second->is_finished(); })) {
    co_await changed_.wait();
  }
}

void AllocRunner::decide_health(bool healthy) {
  healthy_ = healthy;
  health_time_ = host_.world.clock.now();
  host_.changed(alloc_.id);
}

io::Task<void> AllocRunner::watch_health() {
  const std::optional<model::UpdateStrategy> update = alloc_.task_group().update;
  if (!update || update->health_check == model::HealthCheck::manual || healthy_) co_return;
  const base::Duration deadline = host_.world.clock.uptime() + update->healthy_deadline;
  std::optional<base::Duration> well_since;
  std::map<std::string, std::uint64_t> restarts;
  while (!over_ && !stops()) {
    const base::Duration now = host_.world.clock.uptime();
    bool well = update->health_check != model::HealthCheck::checks || checks_.all_passing();
    for (const auto& [name, task] : tasks_) {
      const model::Task& t = task->task();
      const bool needed = t.is_main() || t.is_sidecar();
      if (needed && !t.is_poststop()) well = well && task->is_running();
      if (restarts[name] != task->state().restarts) well_since.reset();
      restarts[name] = task->state().restarts;
    }
    if (!well)
      well_since.reset();
    else if (!well_since)
      well_since = now;
    const bool healthy = well_since && now - *well_since >= update->min_healthy_time;
    if (healthy || now >= deadline || failed_task()) {
      decide_health(healthy);
      co_return;
    }
    co_await host_.world.clock.sleep(health_look);
  }
}

std::vector<model::ServiceRegistration> AllocRunner::wanted_services() const {
  std::vector<model::ServiceRegistration> list;
  if (killing_) return list;
  const bool all_up = std::ranges::all_of(tasks_, [](const auto& entry) {
    return !entry.second->task().is_main() || entry.second->is_running();
  });
  for (const model::Service& service : alloc_.task_group().services)
    if (all_up && service.provider == "nomad")
      list.push_back(
          registration(alloc_, host_.node, "group-" + alloc_.group, service, host_.region));
  for (const auto& [name, task] : tasks_)
    for (const model::Service& service : task->task().services)
      if (task->is_running() && service.provider == "nomad")
        list.push_back(registration(alloc_, host_.node, name, service, host_.region));
  return list;
}

io::Task<void> AllocRunner::keep_services() {
  std::vector<model::ServiceRegistration> told;
  while (true) {
    const std::vector<model::ServiceRegistration> wanted = wanted_services();
    if (wanted == told) {
      co_await changed_.wait();
      continue;
    }
    wire::SetAllocServices set;
    set.alloc_id = alloc_.id;
    set.node_id = host_.node.id;
    set.services = wanted;
    const base::Status done = co_await host_.set_services(std::move(set));
    if (done)
      told = wanted;
    else
      co_await (changed_.wait() || host_.world.clock.sleep(services_retry));
  }
}

std::optional<base::Duration> AllocRunner::running_for(const std::string& name) const {
  std::optional<base::Duration> shortest;
  for (const auto& [task_name, task] : tasks_) {
    if (name.empty() ? !task->task().is_main() : task_name != name) continue;
    if (killing_ || !task->is_running()) return {};
    const base::Duration since = host_.world.clock.now() - task->state().started_at;
    shortest = std::min(shortest.value_or(since), since);
  }
  return shortest;
}

void AllocRunner::restart_unhealthy(const std::string& name, const std::string& reason) {
  for (const auto& [task_name, task] : tasks_)
    if (task->is_running() && (name.empty() || task_name == name)) task->restart(reason, true);
}

io::Task<base::Status> AllocRunner::restart_tasks(std::string name, bool all) {
  if (over_) co_return base::invalid("Allocation not running");
  if (!name.empty()) {
    const auto found = tasks_.find(name);
    if (found == tasks_.end())
      co_return base::fail(base::Code::not_found,
                           fmt::format("Could not find task runner for task: {}", name));
    if (!found->second->is_running())
      co_return base::invalid(fmt::format("Task \"{}\" not running", name));
    found->second->restart("User requested task to restart");
    co_return base::Status();
  }
  for (const auto& [task_name, task] : tasks_)
    if (task->is_running() || all) task->restart("User requested all tasks to restart");
  co_return base::Status();
}

io::Task<base::Status> AllocRunner::signal_tasks(std::string name, std::string signal) {
  const std::optional<int> number = signal_number(signal);
  if (!number) co_return base::invalid(fmt::format("\"{}\" is not a signal", signal.substr(0, 64)));
  if (!name.empty() && !tasks_.contains(name)) {
    co_return base::fail(base::Code::not_found,
                         fmt::format("Could not find task runner for task: {}", name));
  }
  for (const auto& [task_name, task] : tasks_) {
    if (!name.empty() && task_name != name) continue;
    if (name.empty() && !task->is_running()) continue;
    CO_TRY_VOID(co_await task->signal(*number, "User signaled task"));
  }
  co_return base::Status();
}

}  // namespace caravan::client
