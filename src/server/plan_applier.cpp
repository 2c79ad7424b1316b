// SPDX-License-Identifier: Apache-2.0
#include "server/plan_applier.hpp"

#include "server/new_eval.hpp"

namespace caravan::server {

struct PlanApplier::Waiting {
  Waiting(boost::asio::any_io_executor lane, scheduler::Plan p,
          std::vector<model::Evaluation> evals, bool turn)
      : plan(std::move(p)), final_evals(std::move(evals)), has_turn(turn), done(lane) {}
  scheduler::Plan plan;
  std::vector<model::Evaluation> final_evals;
  bool has_turn;
  int dropped = 0;
  base::Status status;
  bool is_done = false;
  io::Event done;
};

PlanApplier::PlanApplier(io::World& world, state::Store& store, Proposals& proposals)
    : random_(world.random),
      store_(store),
      proposals_(proposals),
      lane_(world.executor.lane(io::Lane::main)),
      arrived_(lane_),
      turn_free_(lane_),
      committed_(lane_) {}

void PlanApplier::start() {
  committing_ = false;
  tasks_ = std::make_unique<io::TaskGroup>(lane_);
  tasks_->spawn(run());
}

io::Task<void> PlanApplier::stop() {
  if (tasks_) co_await tasks_->stop();
  fleet_ = scheduler::Fleet();
  for (const std::shared_ptr<Waiting>& waiting : std::exchange(queue_, {})) {
    waiting->status = base::fail(base::Code::unavailable, "leadership was lost");
    waiting->is_done = true;
    waiting->done.notify();
  }
}

PlanApplier::Turn::~Turn() {
  if (!applier_) return;
  applier_->turn_taken_ = false;
  applier_->turn_free_.notify();
  applier_->arrived_.notify();
}

io::Task<PlanApplier::Turn> PlanApplier::take_turn() {
  while (turn_taken_)
    co_await turn_free_.wait();
  turn_taken_ = true;
  Turn turn(*this);
  while (committing_)
    co_await committed_.wait();
  co_return std::move(turn);
}

/// Whether there is a plan whose turn it is.
bool PlanApplier::may_take() const {
  return !queue_.empty() && (!turn_taken_ || queue_.front()->has_turn);
}

io::Task<base::Result<int>> PlanApplier::submit(scheduler::Plan plan,
                                                std::vector<model::Evaluation> final_evals,
                                                bool has_turn) {
  const auto waiting =
      std::make_shared<Waiting>(lane_, std::move(plan), std::move(final_evals), has_turn);
  const auto less_urgent = std::ranges::find_if(queue_, [&](const auto& w) {
    return has_turn || (!w->has_turn && w->plan.priority < waiting->plan.priority);
  });
  queue_.insert(less_urgent, waiting);
  arrived_.notify();
  while (!waiting->is_done)
    co_await waiting->done.wait();
  if (!waiting->status) co_return std::unexpected(waiting->status.error());
  co_return waiting->dropped;
}

PlanApplier::Batch PlanApplier::take_batch() {
  const state::Snapshot snapshot = store_.snapshot();
  Batch batch;
  batch.entries.emplace_back();
  std::set<base::JobId> preempted;
  std::size_t placements = 0;
  PlanCheck check(*snapshot, fleet_);
  while (!queue_.empty() && batch.plans.size() < plans_per_entry_max &&
         placements < placements_per_entry) {
    const std::shared_ptr<Waiting> waiting = queue_.front();
    // A large one waits for a batch of its own.
    const std::size_t more = waiting->plan.result.placed.size();
    if (placements > 0 && placements + more > placements_per_entry) break;
    queue_.pop_front();
    placements += more;
    CheckedPlan checked = check.check(std::move(waiting->plan));
    waiting->dropped = checked.dropped;
    if (checked.dropped == 0)
      std::ranges::move(waiting->final_evals, std::back_inserter(checked.result.evals));
    look_after_preempted(*snapshot, checked.result, preempted);
    batch.plans.push_back(waiting);
    std::vector<wire::PlanResult> parts = split_plan(std::move(checked.result));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) batch.entries.emplace_back();
      batch.entries.back().plans.push_back(std::move(parts[i]));
    }
  }
  return batch;
}

/// Jobs that lose something to others are looked at again, once each.
void PlanApplier::look_after_preempted(const state::Tables& tables, wire::PlanResult& plan,
                                       std::set<base::JobId>& jobs) {
  for (const wire::AllocStop& stop : plan.stopped) {
    if (stop.preempted_by.is_nil()) continue;
    const state::Ref<model::Allocation> victim = tables.alloc(stop.alloc_id);
    const state::Ref<model::Job> job = victim ? tables.job(victim->job->job_id()) : nullptr;
    if (job && !job->stop && jobs.insert(job->job_id()).second)
      plan.evals.push_back(new_eval(random_, *job, model::triggered_by::preemption));
  }
}

io::Task<void> PlanApplier::commit(Batch batch) {
  std::vector<base::NodeId> nodes;
  base::Result<std::uint64_t> index = 0;
  for (wire::ApplyPlans& entry : batch.entries) {
    for (const wire::PlanResult& plan : entry.plans)
      for (const model::Allocation& alloc : plan.placed)
        nodes.push_back(alloc.node_id);
    index = co_await proposals_.propose(std::move(entry), consensus::Priority::control);
    if (!index) break;  // what was to come is placed when the evaluation comes again
  }
  std::ranges::sort(nodes);
  nodes.erase(std::ranges::unique(nodes).begin(), nodes.end());
  for (const std::shared_ptr<Waiting>& waiting : batch.plans) {
    if (!index) waiting->status = std::unexpected(index.error());
    waiting->is_done = true;
    waiting->done.notify();
  }
  if (index) co_await rescue(std::move(nodes));
}

/// A node may have gone between the check of a plan and its place in the log: what was put there
/// would wait for ever. The leader before may have left such too.
io::Task<void> PlanApplier::rescue(std::vector<base::NodeId> nodes) {
  const state::Snapshot tables = store_.snapshot();
  wire::UpsertEvals command;
  for (const base::NodeId& id : nodes) {
    const state::Ref<model::Node> node = tables->node(id);
    if (node && !node->is_silent()) continue;
    const auto allocs = tables->allocs_of_node(id);
    if (std::ranges::all_of(allocs, [](const auto& alloc) { return alloc->terminal(); })) continue;
    std::ranges::move(evals_for_node(random_, *tables, id), std::back_inserter(command.evals));
  }
  if (!command.evals.empty())
    (void)co_await proposals_.propose(std::move(command), consensus::Priority::control);
}

io::Task<void> PlanApplier::run() {
  std::vector<base::NodeId> all;
  store_.snapshot()->nodes.each([&](const base::NodeId& id, const auto&) { all.push_back(id); });
  co_await rescue(std::move(all));
  while (true) {
    while (!may_take())
      co_await arrived_.wait();
    committing_ = true;
    Batch batch = take_batch();
    co_await commit(std::move(batch));
    committing_ = false;
    committed_.notify();
  }
}

}  // namespace caravan::server
