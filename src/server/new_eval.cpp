// SPDX-License-Identifier: Apache-2.0
#include "server/new_eval.hpp"

namespace caravan::server {

model::Evaluation new_eval(io::Random& random, const model::Job& job,
                           std::string_view triggered_by) {
  model::Evaluation eval;
  eval.id = base::EvalId(random.uuid());
  eval.ns = job.ns;
  eval.priority = job.priority;
  eval.type = model::name_of(job.type);
  eval.triggered_by = triggered_by;
  eval.job_id = job.id;
  eval.job_modify_index = job.modify_index;
  return eval;
}

std::vector<model::Evaluation> evals_for_node(io::Random& random, const state::Tables& tables,
                                              const base::NodeId& node) {
  std::map<base::JobId, state::Ref<model::Job>> jobs;
  for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_node(node))
    if (!alloc->terminal() || !alloc->client_terminal())
      jobs.emplace(alloc->job->job_id(), alloc->job);
  tables.jobs.each([&](const base::JobId& id, const state::Ref<model::Job>& job) {
    const bool everywhere =
        job->type == model::JobType::system || job->type == model::JobType::sysbatch;
    if (everywhere && !job->stop && !job->is_parent()) jobs.emplace(id, job);
  });
  std::vector<model::Evaluation> evals;
  for (const auto& [id, job] : jobs) {
    const state::Ref<model::Node> seen = tables.node(node);
    model::Evaluation& eval =
        evals.emplace_back(new_eval(random, *job, model::triggered_by::node_update));
    eval.node_id = node;
    eval.node_modify_index = seen ? seen->modify_index : 0;
  }
  return evals;
}

}  // namespace caravan::server
