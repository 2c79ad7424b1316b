// SPDX-License-Identifier: Apache-2.0
#include "server/evaluations.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/text.hpp"
#include "scheduler/dependencies.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;
using model::EvalStatus;

/// An evaluation that was given up is tried again after this time, with as much again at random.
constexpr base::Duration failed_follow_up_delay = 60s;
/// With nothing due, the clock is looked at this often anyway.
constexpr base::Duration idle_look = 5s;

io::Task<scheduler::Outcome> decide(state::Snapshot snapshot, scheduler::Fleet& fleet,
                                    model::Evaluation eval, base::Instant now) {
  co_return scheduler::schedule(*snapshot, fleet, eval, now);
}

io::Task<void> follow(state::Snapshot snapshot, scheduler::Fleet& fleet) {
  fleet.follow(*snapshot);
  co_return;
}

std::string why_blocked(const scheduler::Outcome& outcome) {
  if (!outcome.waits_for.empty()) return "waits for " + base::join(outcome.waits_for, ", ");
  return "created to place remaining allocations";
}

std::optional<std::string> id_in(const std::string& key, std::string_view kind) {
  if (!key.starts_with(kind)) return {};
  return key.substr(kind.size());
}

}  // namespace

Evaluations::Evaluations(io::World& world, state::Store& store, Proposals& proposals,
                         Fleets& fleets, std::size_t workers, io::Logger log)
    : world_(world),
      store_(store),
      proposals_(proposals),
      workers_(workers),
      log_(std::move(log)),
      lane_(world.executor.lane(io::Lane::main)),
      applier_(world, store, proposals),
      ready_(lane_),
      due_(lane_),
      fleets_(fleets) {}

/// A fleet holds on to the state that it saw last: those that had nothing to do see a newer one now
/// and then, so that the old one can go.
io::Task<void> Evaluations::refresh_fleets() {
  const base::Duration now = world_.clock.uptime();
  if (now - fleets_refreshed_ < idle_look) co_return;
  fleets_refreshed_ = now;
  applier_.refresh();
  const auto pool = world_.executor.lane(io::Lane::pool);
  for (std::size_t left = fleets_.idle(); left > 0; --left) {
    std::unique_ptr<scheduler::Fleet> fleet = fleets_.take_oldest();
    if (!fleet) co_return;
    co_await io::on(pool, follow(store_.snapshot(), *fleet));
    fleets_.give_back(std::move(fleet));
  }
}

void Evaluations::start() {
  leading_ = true;
  fleets_.keep(workers_ + 1);  // and one for dry runs
  broker_.clear();
  blocked_.clear();
  tasks_ = std::make_unique<io::TaskGroup>(lane_);
  applier_.start();
  const state::Snapshot snapshot = store_.snapshot();
  snapshot->evals.each(
      [&](const base::EvalId&, const state::Ref<model::Evaluation>& eval) { take(*eval); });
  // Room that came up while nobody led woke nobody: what waits is tried once more.
  snapshot->nodes.each([&](const base::NodeId& id, const auto&) { gain(id); });
  for (const std::string& quota : blocked_.quotas())
    gain_quota(*snapshot, quota);
  look_at_waiting(*snapshot);
  for (std::size_t i = 0; i < workers_; ++i)
    tasks_->spawn(work());
  tasks_->spawn(watch_time());
}

io::Task<void> Evaluations::stop() {
  leading_ = false;
  if (tasks_) tasks_->cancel();
  co_await applier_.stop();
  if (tasks_) co_await tasks_->drain();
  fleets_.keep(0);
  broker_.clear();
  blocked_.clear();
}

void Evaluations::enqueue(const model::Evaluation& eval) {
  broker_.enqueue(eval, world_.clock.uptime(), world_.clock.now());
  ready_.notify();
  due_.notify();
}

void Evaluations::take(const model::Evaluation& eval) {
  if (eval.status == EvalStatus::pending) enqueue(eval);
  if (eval.status == EvalStatus::blocked)
    cancel(blocked_.block(eval), "a newer evaluation of the job waits for room");
}

void Evaluations::gain(const base::NodeId& id) {
  const state::Snapshot snapshot = store_.snapshot();
  const state::Ref<model::Node> node = snapshot->node(id);
  if (!node || !node->is_ready()) return;
  for (const model::Evaluation& eval : blocked_.unblock(node->computed_class, snapshot->index))
    enqueue(eval);
}

void Evaluations::gain_quota(const state::Tables& tables, const std::string& quota) {
  for (const model::Evaluation& eval : blocked_.unblock_quota(quota, tables.index))
    enqueue(eval);
}

/// Those that wait for something to be healthy go on once that is other than when they last looked.
void Evaluations::look_at_waiting(const state::Tables& tables) {
  const auto goes_on = [&](const model::Evaluation& eval) {
    const state::Ref<model::Job> job = tables.job(eval.job());
    return !job || scheduler::all_waits(tables, *job) != eval.waits_for;
  };
  for (const model::Evaluation& eval : blocked_.unblock_waiting(goes_on))
    enqueue(eval);
}

void Evaluations::on_touched(const std::vector<std::string>& keys) {
  if (!leading_) return;
  const state::Snapshot snapshot = store_.snapshot();
  static const std::string settings = state::key::table(state::Table::scheduler_config),
                           quotas = state::key::table(state::Table::quotas),
                           spaces = state::key::table(state::Table::namespaces);
  for (const std::string& key : keys) {
    if (const auto id = id_in(key, "eval/")) {
      if (const auto eval = snapshot->eval(base::EvalId::parse(*id).value_or(base::EvalId())))
        take(*eval);
    } else if (const auto id = id_in(key, "node/")) {
      gain(base::NodeId::parse(*id).value_or(base::NodeId()));
    } else if (const auto id = id_in(key, "room/")) {
      gain(base::NodeId::parse(*id).value_or(base::NodeId()));
    } else if (const auto name = id_in(key, "quota-room/")) {
      gain_quota(*snapshot, *name);
    } else if (key == settings) {
      ready_.notify();                            // a pause may be over
    } else if (key == quotas || key == spaces) {  // a limit may be another, or gone
      for (const std::string& quota : blocked_.quotas())
        gain_quota(*snapshot, quota);
    }
  }
  look_at_waiting(*snapshot);
}

void Evaluations::cancel(std::vector<model::Evaluation> evals, std::string reason) {
  if (evals.empty() || !tasks_) return;
  for (model::Evaluation& eval : evals) {
    eval.status = EvalStatus::canceled;
    eval.status_description = reason;
  }
  const auto forget = [](Evaluations& self, std::vector<model::Evaluation> list) -> io::Task<void> {
    (void)co_await self.write(
        std::move(list));  // not written: they are cancelled when next looked at
  };
  tasks_->spawn(forget(*this, std::move(evals)));
}

io::Task<bool> Evaluations::write(std::vector<model::Evaluation> evals) {
  wire::UpsertEvals command;
  command.evals = std::move(evals);
  const base::Result<std::uint64_t> index =
      co_await proposals_.propose(std::move(command), consensus::Priority::control);
  if (!index) log_.warn("cannot write evaluations", {{"error", index.error().message}});
  co_return index.has_value();
}

io::Task<void> Evaluations::work() {
  while (true) {
    std::optional<Broker::Delivery> delivery;
    if (!store_.snapshot()->scheduler_config().pause_eval_broker)
      delivery = broker_.dequeue(world_.clock.uptime());
    if (!delivery) {
      co_await ready_.wait();
      continue;
    }
    // One that somebody deleted while the broker was paused asks for nothing any more.
    const bool deleted = !store_.snapshot()->eval(delivery->eval.id);
    const bool done = deleted || co_await handle(delivery->eval);
    const base::Duration now = world_.clock.uptime();
    if (done)
      cancel(broker_.ack(delivery->eval.id, delivery->token, now),
             "a newer evaluation of the job did its work");
    else
      broker_.nack(delivery->eval.id, delivery->token, now);
    for (const model::Evaluation& missed : blocked_.take_missed())
      enqueue(missed);
    ready_.notify();
    due_.notify();
  }
}

io::Task<bool> Evaluations::handle(const model::Evaluation& eval) {
  bool lost = false;
  for (int attempt = 0; attempt < plan_attempts_max; ++attempt) {
    std::optional<PlanApplier::Turn> turn;
    if (lost) turn.emplace(co_await applier_.take_turn());
    const state::Snapshot snapshot = store_.snapshot();
    const auto pool = world_.executor.lane(io::Lane::pool);
    scheduler::Outcome outcome;
    {
      Fleets::Lease lease(fleets_);
      outcome = co_await io::on(pool, decide(snapshot, lease.fleet(), eval, world_.clock.now()));
    }
    if (!leading_) co_return false;
    std::vector<model::Evaluation> final_evals = finish(eval, outcome, snapshot->index);
    if (outcome.plan.is_empty()) co_return co_await write(std::move(final_evals));
    const int placements = static_cast<int>(outcome.plan.result.placed.size());
    const base::Result<int> dropped =
        co_await applier_.submit(std::move(outcome.plan), std::move(final_evals), lost);
    if (!dropped) {
      log_.warn("plan not committed",
                {{"eval", eval.id.to_short()}, {"error", dropped.error().message}});
      co_return false;
    }
    if (*dropped == 0) co_return true;
    lost = true;
    if (*dropped < placements) attempt = -1;  // it came closer, so it may go on
    log_.debug("plan partly committed",
               {{"eval", eval.id.to_short()}, {"dropped", std::to_string(*dropped)}});
  }
  model::Evaluation failed = eval;
  failed.status = EvalStatus::failed;
  failed.status_description = "plans of this evaluation kept losing to others";
  model::Evaluation again = blocked_for(eval, {}, store_.snapshot()->index);
  again.triggered_by = model::triggered_by::max_plan_attempts;
  again.status = EvalStatus::pending;
  again.wait_until = world_.clock.now() + failed_follow_up_delay;
  failed.next_eval = again.id;
  std::vector<model::Evaluation> both = {failed, again};
  co_return co_await write(std::move(both));
}

std::vector<model::Evaluation> Evaluations::finish(const model::Evaluation& eval,
                                                   const scheduler::Outcome& outcome,
                                                   std::uint64_t snapshot_index) {
  model::Evaluation done = eval;
  done.queued_allocations = outcome.queued;
  done.failed_groups = outcome.failed_groups;
  done.snapshot_index = snapshot_index;
  done.deployment_id = outcome.deployment_id;
  done.annotations = outcome.annotations;
  done.quota_limit_reached = outcome.quota_limit_reached;
  if (outcome.failed_groups.empty() && outcome.waits_for.empty()) {
    blocked_.forget(eval.job());
    done.status = EvalStatus::complete;
    done.status_description.clear();
    std::vector<model::Evaluation> evals = {std::move(done)};
    // One that waited for room for this job has nothing to wait for any more.
    for (const state::Ref<model::Evaluation>& other : store_.snapshot()->evals_of_job(eval.job()))
      if (other->status == EvalStatus::blocked && other->id != eval.id) {
        model::Evaluation over = *other;
        over.status = EvalStatus::canceled;
        over.status_description =
            fmt::format("evaluation {} placed everything", eval.id.to_short());
        evals.push_back(std::move(over));
      }
    return evals;
  }
  if (eval.status == EvalStatus::blocked) {  // it goes on waiting, knowing what it has seen
    done.status_description = why_blocked(outcome);
    done.waits_for = outcome.waits_for;
    done.class_eligibility = outcome.class_eligibility;
    done.escaped_computed_class = outcome.escaped_computed_class;
    return {std::move(done)};
  }
  model::Evaluation blocked = blocked_for(eval, outcome, snapshot_index);
  done.status = EvalStatus::complete;
  done.blocked_eval = blocked.id;
  return {std::move(done), std::move(blocked)};
}

model::Evaluation Evaluations::blocked_for(const model::Evaluation& eval,
                                           const scheduler::Outcome& outcome,
                                           std::uint64_t snapshot_index) {
  model::Evaluation blocked;
  blocked.id = base::EvalId(world_.random.uuid());
  blocked.ns = eval.ns;
  blocked.priority = eval.priority;
  blocked.type = eval.type;
  blocked.triggered_by = model::triggered_by::queued_allocs;
  blocked.job_id = eval.job_id;
  blocked.job_modify_index = eval.job_modify_index;
  blocked.previous_eval = eval.id;
  blocked.status = EvalStatus::blocked;
  blocked.status_description = why_blocked(outcome);
  blocked.quota_limit_reached = outcome.quota_limit_reached;
  blocked.waits_for = outcome.waits_for;
  blocked.class_eligibility = outcome.class_eligibility;
  blocked.escaped_computed_class = outcome.escaped_computed_class;
  blocked.failed_groups = outcome.failed_groups;
  blocked.queued_allocations = outcome.queued;
  blocked.snapshot_index = snapshot_index;
  return blocked;
}

void Evaluations::give_up(model::Evaluation eval, std::vector<model::Evaluation>& evals) {
  log_.error("evaluation given up", {{"eval", eval.id.to_short()}, {"job", eval.job_id}});
  model::Evaluation again = eval;
  again.id = base::EvalId(world_.random.uuid());
  again.previous_eval = eval.id;
  again.triggered_by = model::triggered_by::failed_follow_up;
  again.wait_until = world_.clock.now() + world_.random.jitter(failed_follow_up_delay, 1.0);
  eval.status = EvalStatus::failed;
  eval.status_description = "no worker finished it";
  eval.next_eval = again.id;
  evals.push_back(std::move(eval));
  evals.push_back(std::move(again));
}

io::Task<void> Evaluations::watch_time() {
  using namespace boost::asio::experimental::awaitable_operators;
  while (true) {
    const base::Duration now = world_.clock.uptime();
    Broker::Ended ended = broker_.advance(now);
    cancel(std::move(ended.superfluous), "a newer evaluation of the job did its work");
    std::vector<model::Evaluation> evals;
    for (model::Evaluation& eval : ended.given_up)
      give_up(std::move(eval), evals);
    if (!evals.empty())
      (void)co_await write(std::move(evals));  // else they come again with the leader
    ready_.notify();
    co_await refresh_fleets();
    const std::optional<base::Duration> next = broker_.next_due();
    const base::Duration left =
        next ? std::clamp(*next - world_.clock.uptime(), base::Duration(0), idle_look) : idle_look;
    co_await (due_.wait() || world_.clock.sleep(left));
  }
}

}  // namespace caravan::server
