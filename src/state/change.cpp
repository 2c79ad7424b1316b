// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

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

void Change::erase_restore_pieces() {
  tables_.restore_pieces = {};
  std::uint64_t& sum = tables_.table_hash[static_cast<std::size_t>(Table::restore_pieces)];
  if (std::exchange(sum, 0) != 0) touch(Table::restore_pieces);
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

void Change::put(Ref<wire::RootKey> key) {
  const base::Uuid id = key->id;
  replace(Table::root_keys, tables_.root_keys, id, std::move(key));
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

void Change::put(Ref<model::SchedulerConfig> config) {
  replace(Table::scheduler_config, tables_.scheduler_configs, std::string(), std::move(config));
}

void Change::put(Ref<model::NodePool> pool) {
  const std::string name = pool->name;
  touch(key::node_pool(name));
  replace(Table::node_pools, tables_.node_pools, name, std::move(pool));
}

void Change::put(Ref<model::Namespace> space) {
  const std::string name = space->name;
  replace(Table::namespaces, tables_.namespaces, name, std::move(space));
}

void Change::put(Ref<model::Quota> quota) {
  const std::string name = quota->name;
  replace(Table::quotas, tables_.quotas, name, std::move(quota));
}

void Change::put(Ref<model::AclPolicy> policy) {
  const std::string name = policy->name;
  touch(key::acl_policy(name));
  replace(Table::acl_policies, tables_.acl_policies, name, std::move(policy));
}

void Change::put(Ref<model::AclToken> token) {
  const base::Uuid accessor = token->accessor;
  if (const Ref<model::AclToken> old = tables_.acl_token(accessor))
    tables_.acl_tokens_by_digest.erase(old->secret_digest);
  tables_.acl_tokens_by_digest.put(token->secret_digest, accessor);
  touch(key::acl_token(accessor));
  replace(Table::acl_tokens, tables_.acl_tokens, accessor, std::move(token));
}

void Change::put(Ref<model::AclRole> role) {
  const base::Uuid id = role->id;
  touch(key::acl_role(id));
  replace(Table::acl_roles, tables_.acl_roles, id, std::move(role));
}

void Change::put(Ref<model::AclBootstrap> bootstrap) {
  replace(Table::acl_bootstrap, tables_.acl_bootstraps, std::string(), std::move(bootstrap));
}

void Change::put(Ref<model::AuthMethod> method) {
  const std::string name = method->name;
  touch(key::auth_method(name));
  replace(Table::auth_methods, tables_.auth_methods, name, std::move(method));
}

void Change::put(Ref<model::BindingRule> rule) {
  const base::Uuid id = rule->id;
  touch(key::binding_rule(id));
  replace(Table::binding_rules, tables_.binding_rules, id, std::move(rule));
}

void Change::put(Ref<model::DoneRequest> request) {
  tables_.requests_by_index.put(request->index, request->id);
  const base::Uuid id = request->id;
  replace(Table::requests, tables_.requests, id, std::move(request));
  if (tables_.requests.size() <= requests_max) return;
  base::Uuid oldest;
  tables_.requests_by_index.from(0, [&](std::uint64_t index, const base::Uuid& first) {
    tables_.requests_before = index;
    oldest = first;
    return false;
  });
  tables_.requests_by_index.erase(tables_.requests_before);
  remove(Table::requests, tables_.requests, oldest);
}

void Change::put(Ref<model::Variable> variable) {
  const model::VariableKey key = variable->key();
  if (variable->lock)
    tables_.locked_variables.put(key, {});
  else
    tables_.locked_variables.erase(key);
  touch(key::variable(key));
  replace(Table::variables, tables_.variables, key, std::move(variable));
}

void Change::put(Ref<model::AutopilotConfig> config) {
  replace(Table::autopilot_config, tables_.autopilot_configs, std::string(), std::move(config));
}

void Change::put(Ref<wire::RestorePiece> piece) {
  const std::uint64_t offset = piece->offset;
  replace(Table::restore_pieces, tables_.restore_pieces, offset, std::move(piece));
}

void Change::bury(const std::string& key) {
  unbury(key);
  tables_.kv_graves.put(key, index_);
  tables_.kv_graves_by_index.put({index_, key}, {});
  if (tables_.kv_graves.size() <= kv_graves_max) return;
  std::pair<std::uint64_t, std::string> oldest;
  tables_.kv_graves_by_index.from({0, ""}, [&](const auto& grave, const Nothing&) {
    oldest = grave;
    return false;
  });
  unbury(oldest.second);
  tables_.kv_graves_before = oldest.first;
}

void Change::unbury(const std::string& key) {
  const std::uint64_t* grave = tables_.kv_graves.find(key);
  if (!grave) return;
  tables_.kv_graves_by_index.erase({*grave, key});
  tables_.kv_graves.erase(key);
}

void Change::put(Ref<model::KvEntry> entry) {
  const std::string key = entry->key;
  const Ref<model::KvEntry> old = tables_.kv_entry(key);
  if (old && !old->session.is_nil()) tables_.kv_by_session.erase({old->session, key});
  if (!entry->session.is_nil()) {
    tables_.kv_by_session.put({entry->session, key}, {});
    erase_lock_delay(key);
  }
  unbury(key);
  touch_once(key::kv(key));
  replace(Table::kv, tables_.kv, key, std::move(entry));
}

void Change::erase_kv(const std::string& key) {
  const Ref<model::KvEntry> old = tables_.kv_entry(key);
  if (!old) return;
  tables_.kv_by_session.erase({old->session, key});
  bury(key);
  touch_once(key::kv(key));
  remove(Table::kv, tables_.kv, key);
}

void Change::put(Ref<model::Session> session) {
  const base::Uuid id = session->id;
  tables_.sessions_by_node.at(session->node).put(id, {});
  touch(key::session(id));
  touch_prefix(key::sessions_of_node(session->node));
  replace(Table::sessions, tables_.sessions, id, std::move(session));
}

void Change::erase_session(const base::Uuid& id) {
  const Ref<model::Session> session = tables_.session(id);
  if (!session) return;
  Tree<base::Uuid, Nothing>& others = tables_.sessions_by_node.at(session->node);
  others.erase(id);
  if (others.size() == 0) tables_.sessions_by_node.erase(session->node);
  touch(key::session(id));
  touch_prefix(key::sessions_of_node(session->node));
  remove(Table::sessions, tables_.sessions, id);
}

void Change::put(Ref<model::LockDelay> delay) {
  const std::string key = delay->key;
  erase_lock_delay(key);
  tables_.lock_delays_by_end.put({delay->until_ns, key}, {});
  replace(Table::lock_delays, tables_.lock_delays, key, std::move(delay));
}

void Change::erase_lock_delay(const std::string& key) {
  const Ref<model::LockDelay>* delay = tables_.lock_delays.find(key);
  if (!delay) return;
  tables_.lock_delays_by_end.erase({(*delay)->until_ns, key});
  remove(Table::lock_delays, tables_.lock_delays, key);
}

void Change::erase_lock_delays_that_ended() {
  std::vector<std::string> ended;
  tables_.lock_delays_by_end.from({0, ""}, [&](const auto& delay, const Nothing&) {
    if (delay.first > time_ns_) return false;
    ended.push_back(delay.second);
    return true;
  });
  for (const std::string& key : ended)
    erase_lock_delay(key);
}

void Change::keep(KvOutcome outcome) {
  tables_.kv_outcomes.put(index_, std::make_shared<const KvOutcome>(std::move(outcome)));
  if (tables_.kv_outcomes.size() <= kv_outcomes_max) return;
  std::uint64_t oldest = 0;
  tables_.kv_outcomes.from(0, [&](std::uint64_t index, const auto&) {
    oldest = index;
    return false;
  });
  tables_.kv_outcomes.erase(oldest);
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

void Change::erase_node_pool(const std::string& name) {
  if (remove(Table::node_pools, tables_.node_pools, name)) touch(key::node_pool(name));
}

void Change::erase_namespace(const std::string& name) {
  remove(Table::namespaces, tables_.namespaces, name);
}

void Change::erase_quota(const std::string& name) { remove(Table::quotas, tables_.quotas, name); }

void Change::erase_root_key(const base::Uuid& id) {
  remove(Table::root_keys, tables_.root_keys, id);
}

void Change::erase_variable(const model::VariableKey& key) {
  if (remove(Table::variables, tables_.variables, key)) touch(key::variable(key));
  tables_.locked_variables.erase(key);
}

void Change::erase_acl_policy(const std::string& name) {
  if (remove(Table::acl_policies, tables_.acl_policies, name)) touch(key::acl_policy(name));
}

void Change::erase_acl_token(const base::Uuid& accessor) {
  const Ref<model::AclToken> token = tables_.acl_token(accessor);
  if (!token) return;
  tables_.acl_tokens_by_digest.erase(token->secret_digest);
  touch(key::acl_token(accessor));
  remove(Table::acl_tokens, tables_.acl_tokens, accessor);
}

void Change::erase_acl_role(const base::Uuid& id) {
  if (remove(Table::acl_roles, tables_.acl_roles, id)) touch(key::acl_role(id));
}

void Change::erase_auth_method(const std::string& name) {
  if (remove(Table::auth_methods, tables_.auth_methods, name)) touch(key::auth_method(name));
}

void Change::erase_binding_rule(const base::Uuid& id) {
  if (remove(Table::binding_rules, tables_.binding_rules, id)) touch(key::binding_rule(id));
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
