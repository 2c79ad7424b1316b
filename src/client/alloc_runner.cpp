// SPDX-License-Identifier: Apache-2.0
#include "client/alloc_runner.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "client/services.hpp"
#include "model/environment.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using model::ClientStatus;
using model::TaskRunState;

/// Tasks whose env or meta is another one now.
std::vector<std::string> other_environment(const model::Allocation& before,
                                           const model::Allocation& after) {
  std::vector<std::string> names;
  if (before.job->version == after.job->version) return names;
  for (const model::Task& task : after.task_group().tasks)
    if (!model::same_environment(*before.job, *after.job, after.group, task.name))
      names.push_back(task.name);
  return names;
}

/// Of the newest restart that the servers have asked for.
std::uint64_t order_number(const model::Allocation& alloc) {
  const std::optional<model::RestartOrder>& order = alloc.desired_transition.restart;
  return order ? order->number : 0;
}

}  // namespace

AllocRunner::AllocRunner(Host& host, StoredAlloc stored)
    : host_(host),
      alloc_(std::move(stored.alloc)),
      dir_(host.alloc_root, alloc_.id),
      records_(std::move(stored.tasks)),
      changed_(host.world.executor.lane(io::Lane::client)),
      checks_(host, alloc_, *this),
      restored_(!records_.empty()),
      is_listed_(restored_ && has_services(alloc_.task_group())) {
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
  const std::uint64_t ordered = order_number(alloc_);
  const std::vector<std::string> changed_tasks = other_environment(alloc_, newer);
  alloc_ = std::move(newer);
  if (other_deployment) {  // the new version's rollout wants to hear of its health anew
    healthy_.reset();
    if (!over_ && group_) group_->spawn(watch_health());
  }
  const base::Status saved = co_await host_.local_state.save_alloc(alloc_);
  if (!saved)
    host_.log.error("cannot write an allocation down",
                    {{"alloc", alloc_.id.to_short()}, {"error", saved.error().message}});
  if (!stops() && !changed_tasks.empty()) co_await take_environment(changed_tasks);
  if (order_number(alloc_) > ordered && !stops()) obey(*alloc_.desired_transition.restart);
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
  for (const std::string& other : task.depends_on)
    if (!is_well(other)) return false;
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
  const bool is_first = !std::exchange(killing_, true);
  if (is_first && is_somebodys()) {
    leaving_ = true;
    group_->spawn(take_leave(why));
  }
  if (!leaving_) kill_tasks(std::move(why));
  changed_.notify();
}

void AllocRunner::kill_tasks(std::optional<model::TaskEvent> why) {
  const auto leader = std::ranges::find_if(tasks_, [](const auto& entry) {
    return entry.second->task().leader && !entry.second->is_dead();
  });
  if (leader != tasks_.end()) {  // the others are told when it is gone
    leader->second->kill({});
  } else {
    for (const auto& [name, task] : tasks_)
      if (!task->task().is_poststop() && !task->is_dead()) task->kill(why);
  }
}

io::Task<bool> AllocRunner::prepare() {
  // The one before it on this node may still hold its ports and its data.
  while (!stops() && !host_.has_ended(alloc_.previous_allocation))
    co_await changed_.wait();
  if (stops() && records_.empty()) co_return true;
  if (all_dead()) co_return true;
  base::Status made = dir_.make(host_.world.disk, alloc_.task_group());
  if (made) made = co_await make_network();
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
  alloc_.network_status = std::make_shared<const model::NetworkStatus>(*network_.status);
  host_.changed(alloc_.id);
  co_return base::Status();
}

io::Task<void> AllocRunner::live() {
  if (co_await prepare()) {
    react();
    co_await (supervise() || keep_services() || keep_share() || checks_.run() || limit_run() ||
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
  if (host_.set_catalog_share) host_.set_catalog_share(alloc_.id, {});
  host_.changed(alloc_.id);
}

io::Task<void> AllocRunner::supervise() {
  io::TaskGroup runs(host_.world.executor.lane(io::Lane::client));
  for (const auto& [name, task] : tasks_)
    runs.spawn(task->run());
  if (!alloc_.deployment_id.is_nil()) group_->spawn(watch_health());
  runs.spawn(wake_dependents());
  while (
      !std::ranges::all_of(tasks_, [](const auto& entry) { return entry.second->is_finished(); })) {
    co_await changed_.wait();
  }
}

}  // namespace caravan::client
