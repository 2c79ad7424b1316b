// SPDX-License-Identifier: Apache-2.0
#include "server/drainer.hpp"

#include <set>

#include "server/new_eval.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;
using AllocRef = state::Ref<model::Allocation>;

constexpr base::Duration drain_look_interval = 500ms;

bool is_system(const model::Allocation& alloc) {
  return alloc.job->type == model::JobType::system || alloc.job->type == model::JobType::sysbatch;
}

bool is_leaving(const model::Allocation& alloc) {
  return alloc.server_terminal() || alloc.desired_transition.migrate.value_or(false);
}

/// It runs, and has for as long as its group wants to see before it trusts it.
bool is_well(const model::Allocation& alloc, base::Duration min_time, base::Instant now) {
  if (is_leaving(alloc) || alloc.client_status != model::ClientStatus::running) return false;
  base::Instant since;
  for (const auto& [name, task] : alloc.task_states)
    since = std::max(since, task.started_at);
  // By its node's clock, which may be ahead; the servers heard of it later than it happened.
  since = std::min(since, base::Instant{alloc.modify_time_ns});
  return since + min_time <= now;
}

/// Copies of a group that may go now: so many that `count - max_parallel` well ones stay.
void choose(const state::Tables& tables, const std::vector<AllocRef>& here, base::Instant now,
            std::vector<AllocRef>& move) {
  const model::TaskGroup& group = here[0]->task_group();
  const model::MigrateStrategy migrate = group.migrate.value_or(model::MigrateStrategy());
  int well = 0;
  for (const AllocRef& alloc : tables.allocs_of_job(here[0]->job->job_id()))
    if (alloc->group == group.name && is_well(*alloc, migrate.min_healthy_time, now)) ++well;
  int room = well - (group.count - migrate.max_parallel);
  for (const AllocRef& alloc : here) {
    const bool counts = is_well(*alloc, migrate.min_healthy_time, now);
    if (counts && room-- <= 0) continue;
    move.push_back(alloc);
  }
}

}  // namespace

DrainStep drain_step(const state::Tables& tables, const model::Node& node, base::Instant now) {
  const model::DrainStrategy& drain = *node.drain;
  const bool forced =
      drain.deadline < 0s || (!drain.force_deadline.is_zero() && drain.force_deadline <= now);
  DrainStep step;
  std::map<std::pair<base::JobId, std::string>, std::vector<AllocRef>> services;
  std::vector<AllocRef> system;
  bool others_left = false, any_left = false;
  for (const AllocRef& alloc : tables.allocs_of_node(node.id)) {
    if (alloc->client_terminal()) continue;
    if (is_system(*alloc)) {
      if (drain.ignore_system_jobs) continue;
      any_left = true;
      if (!is_leaving(*alloc)) system.push_back(alloc);
      continue;
    }
    any_left = others_left = true;
    if (is_leaving(*alloc)) continue;
    if (forced)
      step.move.push_back(alloc);
    else if (alloc->job->type == model::JobType::service)
      services[{alloc->job->job_id(), alloc->group}].push_back(alloc);
  }
  for (const auto& [group, here] : services)
    choose(tables, here, now, step.move);
  if (!others_left) step.move.insert(step.move.end(), system.begin(), system.end());
  step.complete = !any_left;
  return step;
}

Drainer::Drainer(io::World& world, state::Store& store, Proposals& proposals, io::Logger log)
    : world_(world), store_(store), proposals_(proposals), log_(std::move(log)) {}

void Drainer::start() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Drainer::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<base::Result<DrainReply>> Drainer::set(DrainRequest request) {
  const state::Snapshot tables = store_.snapshot();
  if (!tables->node(request.node_id)) co_return base::fail(base::Code::not_found, "node not found");
  wire::UpdateNodeDrain command;
  command.node_id = request.node_id;
  command.strategy = std::move(request.strategy);
  command.mark_eligible = request.mark_eligible;
  command.meta = std::move(request.meta);
  if (command.strategy) {
    model::DrainStrategy& drain = *command.strategy;
    drain.started_at = world_.clock.now();
    drain.force_deadline = {};
    if (drain.deadline > 0s) drain.force_deadline = drain.started_at + drain.deadline;
  } else if (command.mark_eligible) {
    command.evals = evals_for_node(world_.random, *tables, request.node_id);
  }
  DrainReply reply;
  for (const model::Evaluation& eval : command.evals)
    reply.evals.push_back(eval.id);
  CO_TRY(reply.index,
         co_await proposals_.propose(std::move(command), consensus::Priority::control));
  co_return reply;
}

io::Task<void> Drainer::look(state::Ref<model::Node> node) {
  const state::Snapshot tables = store_.snapshot();
  const DrainStep step = drain_step(*tables, *node, world_.clock.now());
  base::Status done;
  if (step.complete) {
    log_.info("node drained", {{"node", node->id.to_short()}});
    wire::UpdateNodeDrain command;
    command.node_id = node->id;
    command.is_complete = true;
    const auto index =
        co_await proposals_.propose(std::move(command), consensus::Priority::control);
    if (!index) done = std::unexpected(index.error());
  } else if (!step.move.empty()) {
    wire::TransitionAllocs command;
    std::set<base::JobId> jobs;
    for (const AllocRef& alloc : step.move) {
      command.transitions[alloc->id.to_string()].migrate = true;
      if (jobs.insert(alloc->job->job_id()).second)
        command.evals.push_back(
            new_eval(world_.random, *alloc->job, model::triggered_by::node_drain));
    }
    const auto index =
        co_await proposals_.propose(std::move(command), consensus::Priority::control);
    if (!index) done = std::unexpected(index.error());
  }
  if (!done)
    log_.warn("a drain does not go on; it is tried again",
              {{"node", node->id.to_short()}, {"error", done.error().message}});
}

io::Task<void> Drainer::run() {
  while (true) {
    std::vector<state::Ref<model::Node>> draining;
    store_.snapshot()->nodes.each([&](const auto&, const state::Ref<model::Node>& node) {
      if (node->drain) draining.push_back(node);
    });
    for (const state::Ref<model::Node>& node : draining)
      co_await look(node);
    co_await world_.clock.sleep(drain_look_interval);
  }
}

}  // namespace caravan::server
