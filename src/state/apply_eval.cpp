// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {
namespace {

/// What an evaluation says it could not place yet is the `Queued` column of the job's summary.
void note_queued(Change& change, const model::Evaluation& eval) {
  const Ref<model::JobSummary> old = change.tables().summary(eval.job());
  if (!old || eval.queued_allocations.empty()) return;
  model::JobSummary summary = *old;
  for (const auto& [group, queued] : eval.queued_allocations) {
    const auto row = summary.groups.find(group);
    if (row != summary.groups.end()) row->second.queued = queued;
  }
  if (summary == *old) return;
  summary.modify_index = change.index();
  change.put(std::make_shared<const model::JobSummary>(std::move(summary)));
}

}  // namespace

void upsert_evals(Change& change, const std::vector<model::Evaluation>& evals) {
  for (const model::Evaluation& given : evals) {
    const Ref<model::Evaluation> old = change.tables().eval(given.id);
    auto eval = std::make_shared<model::Evaluation>(given);
    eval->create_index = old ? old->create_index : change.index();
    eval->create_time_ns = old ? old->create_time_ns : change.time_ns();
    eval->modify_index = change.index();
    eval->modify_time_ns = change.time_ns();
    const base::JobId job = eval->job();
    note_queued(change, *eval);
    change.put(std::move(eval));
    refresh_job_status(change, job);
  }
}

void apply(Change& change, const wire::UpsertEvals& c) { upsert_evals(change, c.evals); }

void apply(Change& change, const wire::Collect& c) {
  for (const base::EvalId& id : c.evals)
    change.erase_eval(id);
  for (const base::AllocId& id : c.allocs)
    change.erase_alloc(id);
  for (const base::DeploymentId& id : c.deployments)
    change.erase_deployment(id);
  for (const base::NodeId& id : c.nodes)
    change.erase_node(id);
  for (const model::JobSummary& job : c.jobs)
    erase_job(change, {job.ns, job.job_id});
}

}  // namespace caravan::state
