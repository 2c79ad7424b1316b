// SPDX-License-Identifier: Apache-2.0
#include "server/collector.hpp"

namespace caravan::server {
namespace {

/// Entries per command, so that one collection does not fill a log entry.
constexpr std::size_t batch_max = 4096;

class Search {
 public:
  Search(const state::Tables& tables, const CollectorConfig& config, base::Instant now, bool force)
      : tables_(tables), config_(config), now_(now), force_(force) {}

  wire::Collect run() {
    evals();
    deployments();
    jobs();
    nodes();
    return std::move(found_);
  }

 private:
  bool old(std::int64_t time_ns, base::Duration threshold) const {
    return force_ || base::Instant{time_ns} + threshold <= now_;
  }
  bool full() const { return found_.evals.size() + found_.allocs.size() >= batch_max; }

  /// An allocation that nobody will look at again: over on both sides, and not waiting to be
  /// replaced.
  bool is_over(const model::Allocation& alloc) const {
    if (!alloc.client_terminal()) return false;
    const state::Ref<model::Job> job = tables_.job(alloc.job->job_id());
    if (!job || job->stop || alloc.server_terminal()) return true;
    const bool may_be_replaced =
        alloc.client_status == model::ClientStatus::failed && alloc.next_allocation.is_nil();
    const bool counts_as_done =
        job->type == model::JobType::batch || job->type == model::JobType::sysbatch;
    return !may_be_replaced && !counts_as_done;
  }

  void evals() {
    tables_.evals.each([&](const base::EvalId& id, const state::Ref<model::Evaluation>& eval) {
      if (full() || !eval->is_terminal()) return;
      const bool batch = eval->type == "batch";
      if (!old(eval->modify_time_ns, batch ? config_.batch_eval_threshold : config_.eval_threshold))
        return;
      bool all_over = true;
      for (const state::Ref<model::Allocation>& alloc : tables_.allocs_of_eval(id)) {
        if (is_over(*alloc) && old(alloc->modify_time_ns, config_.eval_threshold))
          found_.allocs.push_back(alloc->id);
        else
          all_over = false;
      }
      if (all_over) found_.evals.push_back(id);
    });
  }

  void deployments() {
    tables_.deployments.each([&](const base::DeploymentId& id,
                                 const state::Ref<model::Deployment>& deployment) {
      if (deployment->is_active() || !old(deployment->modify_time_ns, config_.deployment_threshold))
        return;
      // The newest one says what became of its job's version: without it, a rollout that failed
      // would begin again.
      if (tables_.job(deployment->job()) && tables_.latest_deployment(deployment->job())->id == id)
        return;
      const auto allocs = tables_.allocs_of_deployment(id);
      if (std::ranges::all_of(allocs, [](const auto& alloc) { return alloc->client_terminal(); }))
        found_.deployments.push_back(id);
    });
  }

  void jobs() {
    tables_.jobs.each([&](const base::JobId& id, const state::Ref<model::Job>& job) {
      if (job->status != model::JobStatus::dead || !old(job->submit_time_ns, config_.job_threshold))
        return;
      const auto allocs = tables_.allocs_of_job(id);
      const auto evals = tables_.evals_of_job(id);
      if (!std::ranges::all_of(allocs, [](const auto& alloc) { return alloc->client_terminal(); }))
        return;
      if (!std::ranges::all_of(evals, [](const auto& eval) { return eval->is_terminal(); })) return;
      for (const auto& alloc : allocs)
        found_.allocs.push_back(alloc->id);
      for (const auto& eval : evals)
        found_.evals.push_back(eval->id);
      found_.jobs.push_back({.job_id = id.id, .ns = id.ns});
    });
  }

  void nodes() {
    tables_.nodes.each([&](const base::NodeId& id, const state::Ref<model::Node>& node) {
      if (!node->is_silent()) return;
      if (!old(node->status_updated_at * 1'000'000'000, config_.node_threshold)) return;
      const auto allocs = tables_.allocs_of_node(id);
      if (std::ranges::all_of(allocs, [](const auto& alloc) { return alloc->terminal(); }))
        found_.nodes.push_back(id);
    });
  }

  const state::Tables& tables_;
  const CollectorConfig& config_;
  base::Instant now_;
  bool force_;
  wire::Collect found_;
};

bool is_nothing(const wire::Collect& c) {
  return c.evals.empty() && c.allocs.empty() && c.deployments.empty() && c.nodes.empty() &&
         c.jobs.empty();
}

}  // namespace

wire::DeleteAclTokens expired_tokens(const state::Tables& tables, const CollectorConfig& config,
                                     base::Instant now, bool force) {
  wire::DeleteAclTokens expired;
  const base::Instant before = force ? now : now - config.token_threshold;
  tables.acl_tokens.each([&](const base::Uuid& accessor, const auto& token) {
    if (expired.accessors.size() < batch_max && token->has_expired(before.unix_ns))
      expired.accessors.push_back(accessor);
  });
  return expired;
}

wire::Collect collectable(const state::Tables& tables, const CollectorConfig& config,
                          base::Instant now, bool force) {
  return Search(tables, config, now, force).run();
}

Collector::Collector(io::World& world, state::Store& store, Proposals& proposals,
                     CollectorConfig config, io::Logger log)
    : world_(world), store_(store), proposals_(proposals), config_(config), log_(std::move(log)) {}

void Collector::start() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Collector::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<base::Status> Collector::collect(bool force) {
  wire::DeleteAclTokens expired =
      expired_tokens(*store_.snapshot(), config_, world_.clock.now(), force);
  if (!expired.accessors.empty()) CO_TRY_VOID(co_await proposals_.propose(std::move(expired)));
  wire::Collect found = collectable(*store_.snapshot(), config_, world_.clock.now(), force);
  if (is_nothing(found)) co_return base::Status();
  log_.info("collecting garbage", {{"evals", std::to_string(found.evals.size())},
                                   {"allocs", std::to_string(found.allocs.size())}});
  CO_TRY_VOID(co_await proposals_.propose(std::move(found)));
  co_return base::Status();
}

io::Task<void> Collector::run() {
  while (true) {
    co_await world_.clock.sleep(config_.interval);
    const base::Status done = co_await collect(false);
    if (!done)
      log_.warn("garbage collection did not go through", {{"error", done.error().message}});
  }
}

}  // namespace caravan::server
