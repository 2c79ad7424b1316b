// SPDX-License-Identifier: Apache-2.0
#include "state/change_entries.hpp"

namespace caravan::state {

void Change::touch(Table table) {
  if (std::exchange(table_touched_[static_cast<std::size_t>(table)], true)) return;
  tables_.table_index[static_cast<std::size_t>(table)] = index_;
  touch(key::table(table));
}

void Change::touch(std::string key) { touched_.push_back(std::move(key)); }

bool Change::touch_once(std::string key) {
  if (!touched_once_.insert(key).second) return false;
  touch(std::move(key));
  return true;
}

void Change::touch_prefix(const std::string& prefix) {
  if (touch_once(prefix)) tables_.prefix_index.put(prefix, index_);
}

void Change::set_log_version(wire::LogVersion version) {
  tables_.log_version = version;
  touch(key::log_version);
}

void Change::refuse() {
  tables_.refused.put(index_, {});
  if (tables_.refused.size() <= refused_max) return;
  std::uint64_t oldest = 0;
  tables_.refused.from(0, [&](std::uint64_t index, const Nothing&) {
    oldest = index;
    return false;
  });
  tables_.refused.erase(oldest);
}

void Change::put(Ref<model::Job> job) {
  const base::JobId id = job->job_id();
  touch(key::job(id));
  replace(Table::jobs, tables_.jobs, id, std::move(job));
}

void Change::put_version(Ref<model::Job> job) {
  const JobVersionKey key(job->job_id(), job->version);
  touch(key::job(key.first));
  replace(Table::job_versions, tables_.job_versions, key, std::move(job));
}

void Change::put_source(const JobVersionKey& key, JobText source) {
  tables_.job_sources.put(key, std::make_shared<const JobText>(std::move(source)));
}

void Change::put(Ref<model::JobSummary> summary) {
  const base::JobId id{summary->ns, summary->job_id};
  touch("summary/" + id.ns + "/" + id.id);
  replace(Table::summaries, tables_.summaries, id, std::move(summary));
}

void Change::put(Ref<model::Node> node) {
  const base::NodeId id = node->id;
  touch(key::node(id));
  replace(Table::nodes, tables_.nodes, id, std::move(node));
}

void Change::put(Ref<model::Evaluation> eval) {
  const base::EvalId id = eval->id;
  tables_.evals_by_job.put({eval->job(), id}, {});
  touch(key::eval(id));
  touch_prefix(prefix::evals_of_job(eval->job()));
  replace(Table::evals, tables_.evals, id, std::move(eval));
}

void Change::put(Ref<model::Allocation> alloc) {
  const base::AllocId id = alloc->id;
  const base::JobId job = alloc->job->job_id();
  const Ref<model::Allocation> old = tables_.alloc(id);
  if (!old || old->deployment_id != alloc->deployment_id) {
    if (old) tables_.allocs_by_deployment.erase({old->deployment_id, id});
    if (!alloc->deployment_id.is_nil())
      tables_.allocs_by_deployment.put({alloc->deployment_id, id}, {});
  }
  if (!old || old->eval_id != alloc->eval_id) {
    if (old) tables_.allocs_by_eval.erase({old->eval_id, id});
    tables_.allocs_by_eval.put({alloc->eval_id, id}, {});
  }
  if (!old || old->alloc_modify_index != alloc->alloc_modify_index) {
    if (old) tables_.allocs_by_node.erase({{old->node_id, old->alloc_modify_index}, id});
    tables_.allocs_by_node.put({{alloc->node_id, alloc->alloc_modify_index}, id}, {});
  }
  if (!old) tables_.allocs_by_job.at(job).put(id, {});
  if (alloc->terminal()) {
    touch_once(key::room(alloc->node_id));
    const Ref<model::Namespace> space =
        tables_.quotas.size() > 0 ? tables_.name_space(alloc->job->ns) : nullptr;
    if (space && !space->quota.empty()) touch_once(key::quota_room(space->quota));
  }
  touch(key::alloc(id));
  touch_prefix(prefix::allocs_of_job(job));
  touch_prefix(prefix::allocs_of_node(alloc->node_id));
  replace(Table::allocs, tables_.allocs, id, std::move(alloc));
}

void Change::put(Ref<model::Deployment> deployment) {
  const base::DeploymentId id = deployment->id;
  tables_.deployments_by_job.put({deployment->job(), id}, {});
  touch(key::deployment(id));
  touch_prefix(prefix::deployments_of_job(deployment->job()));
  replace(Table::deployments, tables_.deployments, id, std::move(deployment));
}

void Change::put(Ref<model::ServiceRegistration> service) {
  const ServiceKey key{{service->ns, service->service_name}, service->id};
  tables_.services_by_alloc.put({service->alloc_id, key}, {});
  touch_prefix(prefix::service(service->ns, service->service_name));
  replace(Table::services, tables_.services, key, std::move(service));
}

void Change::put(Ref<wire::PeriodicLaunch> launch) {
  const base::JobId id{launch->ns, launch->job_id};
  replace(Table::periodic_launches, tables_.periodic_launches, id, std::move(launch));
}

void Change::put(Ref<model::ScalingPolicy> policy) {
  const std::string id = policy->id;
  replace(Table::scaling_policies, tables_.scaling_policies, id, std::move(policy));
}

void Change::put(Ref<model::JobScaling> scaling) {
  const base::JobId id{scaling->ns, scaling->job_id};
  replace(Table::scaling_events, tables_.scaling_events, id, std::move(scaling));
}

void Change::put(Ref<model::JobRestart> restart) {
  const base::JobId id{restart->ns, restart->job_id};
  replace(Table::job_restarts, tables_.job_restarts, id, std::move(restart));
}

void Change::erase_version(const JobVersionKey& key) {
  remove(Table::job_versions, tables_.job_versions, key);
  tables_.job_sources.erase(key);
}

void Change::erase_job(const base::JobId& id) {
  const Ref<model::Job> job = tables_.job(id);
  if (!remove(Table::jobs, tables_.jobs, id)) return;
  touch(key::job(id));
  std::vector<JobVersionKey> versions;
  tables_.job_versions.from({id, 0}, [&](const JobVersionKey& key, const Ref<model::Job>&) {
    if (key.first != id) return false;
    versions.push_back(key);
    return true;
  });
  for (const JobVersionKey& key : versions)
    erase_version(key);
  remove(Table::summaries, tables_.summaries, id);
  remove(Table::periodic_launches, tables_.periodic_launches, id);
  remove(Table::scaling_events, tables_.scaling_events, id);
  remove(Table::job_restarts, tables_.job_restarts, id);
  for (const model::TaskGroup& group : job->groups)
    if (group.scaling) erase_scaling_policy(group.scaling->id);
}

void Change::erase_scaling_policy(const std::string& id) {
  remove(Table::scaling_policies, tables_.scaling_policies, id);
}

void Change::erase_node(const base::NodeId& id) {
  if (remove(Table::nodes, tables_.nodes, id)) touch(key::node(id));
  tables_.allocs_collected.put(id, index_);  // one that comes back under the id knows less
}

void Change::erase_eval(const base::EvalId& id) {
  const Ref<model::Evaluation> eval = tables_.eval(id);
  if (!eval) return;
  tables_.evals_by_job.erase({eval->job(), id});
  touch(key::eval(id));
  touch_prefix(prefix::evals_of_job(eval->job()));
  remove(Table::evals, tables_.evals, id);
}

void Change::erase_alloc(const base::AllocId& id) {
  const Ref<model::Allocation> alloc = tables_.alloc(id);
  if (!alloc) return;
  const base::JobId job = alloc->job->job_id();
  tables_.allocs_by_node.erase({{alloc->node_id, alloc->alloc_modify_index}, id});
  tables_.allocs_collected.put(alloc->node_id, index_);
  tables_.allocs_by_job.at(job).erase(id);
  if (tables_.allocs_by_job.at(job).size() == 0) tables_.allocs_by_job.erase(job);
  tables_.allocs_by_eval.erase({alloc->eval_id, id});
  tables_.allocs_by_deployment.erase({alloc->deployment_id, id});
  touch(key::alloc(id));
  touch_prefix(prefix::allocs_of_job(job));
  touch_prefix(prefix::allocs_of_node(alloc->node_id));
  remove(Table::allocs, tables_.allocs, id);
}

void Change::erase_deployment(const base::DeploymentId& id) {
  const Ref<model::Deployment> deployment = tables_.deployment(id);
  if (!deployment) return;
  tables_.deployments_by_job.erase({deployment->job(), id});
  touch(key::deployment(id));
  touch_prefix(prefix::deployments_of_job(deployment->job()));
  remove(Table::deployments, tables_.deployments, id);
}

void Change::erase_service(const ServiceKey& key) {
  const Ref<model::ServiceRegistration>* service = tables_.services.find(key);
  if (!service) return;
  tables_.services_by_alloc.erase({(*service)->alloc_id, key});
  touch_prefix(prefix::service(key.first.first, key.first.second));
  remove(Table::services, tables_.services, key);
}

}  // namespace caravan::state
