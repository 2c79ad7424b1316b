// SPDX-License-Identifier: Apache-2.0
// Reading what operators set, with what is there although nobody set it.
#include <fmt/core.h>

#include "state/tables.hpp"

namespace caravan::state {

model::SchedulerConfig Tables::scheduler_config() const {
  const Ref<model::SchedulerConfig>* config = scheduler_configs.find("");
  return config ? **config : model::SchedulerConfig();
}

model::AutopilotConfig Tables::autopilot_config() const {
  const Ref<model::AutopilotConfig>* config = autopilot_configs.find("");
  return config ? **config : model::AutopilotConfig{};
}

model::SchedulerConfig Tables::scheduler_config_for(const std::string& pool) const {
  model::SchedulerConfig config = scheduler_config();
  const Ref<model::NodePool>* own = node_pools.find(pool);
  if (!own || !(*own)->scheduling) return config;
  const model::NodePoolScheduling& set = *(*own)->scheduling;
  config.algorithm = set.algorithm.value_or(config.algorithm);
  config.memory_oversubscription =
      set.memory_oversubscription.value_or(config.memory_oversubscription);
  return config;
}

Ref<model::NodePool> Tables::node_pool(const std::string& name) const {
  if (model::is_built_in_pool(name))
    return std::make_shared<const model::NodePool>(model::built_in_pool(name));
  const Ref<model::NodePool>* pool = node_pools.find(name);
  return pool ? *pool : nullptr;
}

std::vector<Ref<model::NodePool>> Tables::all_node_pools() const {
  std::vector<Ref<model::NodePool>> list = {node_pool(model::pool_all),
                                            node_pool(model::pool_default)};
  node_pools.each([&](const std::string&, const auto& pool) { list.push_back(pool); });
  return list;
}

Ref<model::Namespace> Tables::name_space(const std::string& name) const {
  if (const Ref<model::Namespace>* space = namespaces.find(name)) return *space;
  if (name != model::namespace_default) return nullptr;
  return std::make_shared<const model::Namespace>(model::default_namespace());
}

std::vector<Ref<model::Namespace>> Tables::all_namespaces() const {
  std::vector<Ref<model::Namespace>> list;
  if (!namespaces.find(model::namespace_default))
    list.push_back(name_space(model::namespace_default));
  namespaces.each([&](const std::string&, const auto& space) { list.push_back(space); });
  return list;
}

Ref<model::Quota> Tables::quota(const std::string& name) const {
  const Ref<model::Quota>* quota = quotas.find(name);
  return quota ? *quota : nullptr;
}

Ref<model::AclPolicy> Tables::acl_policy(const std::string& name) const {
  const Ref<model::AclPolicy>* policy = acl_policies.find(name);
  return policy ? *policy : nullptr;
}

Ref<model::AclToken> Tables::acl_token(const base::Uuid& accessor) const {
  const Ref<model::AclToken>* token = acl_tokens.find(accessor);
  return token ? *token : nullptr;
}

Ref<model::AclToken> Tables::acl_token_by_digest(const std::string& digest) const {
  const base::Uuid* accessor = acl_tokens_by_digest.find(digest);
  return accessor ? acl_token(*accessor) : nullptr;
}

Ref<model::AclRole> Tables::acl_role(const base::Uuid& id) const {
  const Ref<model::AclRole>* role = acl_roles.find(id);
  return role ? *role : nullptr;
}

Ref<model::AclRole> Tables::acl_role_named(const std::string& name) const {
  Ref<model::AclRole> found;
  acl_roles.each([&](const base::Uuid&, const Ref<model::AclRole>& role) {
    if (role->name == name) found = role;
  });
  return found;
}

Ref<model::Variable> Tables::variable(const model::VariableKey& key) const {
  const Ref<model::Variable>* variable = variables.find(key);
  return variable ? *variable : nullptr;
}

Ref<model::AuthMethod> Tables::auth_method(const std::string& name) const {
  const Ref<model::AuthMethod>* method = auth_methods.find(name);
  return method ? *method : nullptr;
}

Ref<model::AuthMethod> Tables::default_auth_method(const std::string& type) const {
  Ref<model::AuthMethod> found;
  auth_methods.each([&](const std::string&, const Ref<model::AuthMethod>& method) {
    if (method->is_default && method->type == type) found = method;
  });
  return found;
}

Ref<model::ConfigEntry> Tables::config_entry(const model::ConfigKey& key) const {
  const Ref<model::ConfigEntry>* entry = config_entries.find(key);
  return entry ? *entry : nullptr;
}

Ref<model::ConnectCa> Tables::connect_ca() const {
  const Ref<model::ConnectCa>* ca = connect_cas.find("");
  return ca ? *ca : nullptr;
}

Ref<model::DoneRequest> Tables::request(const base::Uuid& id) const {
  const Ref<model::DoneRequest>* request = requests.find(id);
  return request ? *request : nullptr;
}

Ref<model::BindingRule> Tables::binding_rule(const base::Uuid& id) const {
  const Ref<model::BindingRule>* rule = binding_rules.find(id);
  return rule ? *rule : nullptr;
}

std::uint64_t Tables::acl_reset_index() const {
  const Ref<model::AclBootstrap>* bootstrap = acl_bootstraps.find("");
  return bootstrap ? (*bootstrap)->reset_index : 0;
}

Ref<model::Job> Tables::tagged_version(const base::JobId& id, const std::string& tag) const {
  Ref<model::Job> found;
  job_versions.from({id, 0}, [&](const JobVersionKey& key, const Ref<model::Job>& job) {
    if (key.first != id) return false;
    if (job->version_tag && job->version_tag->name == tag) found = job;
    return !found;
  });
  return found;
}

std::string why_pool_stays(const Tables& tables, const std::string& name) {
  std::size_t used_by = 0;
  tables.nodes.each([&](const base::NodeId&, const Ref<model::Node>& node) {
    if (node->node_pool == name) ++used_by;
  });
  if (used_by > 0) return fmt::format("node pool \"{}\" has {} nodes", name, used_by);
  tables.jobs.each([&](const base::JobId&, const Ref<model::Job>& job) {
    if (job->node_pool == name && job->status != model::JobStatus::dead) ++used_by;
  });
  if (used_by > 0) return fmt::format("node pool \"{}\" has {} non-terminal jobs", name, used_by);
  return "";
}

std::string why_namespace_stays(const Tables& tables, const std::string& name) {
  bool used = false;
  tables.jobs.from({name, ""}, [&](const base::JobId& id, const Ref<model::Job>& job) {
    if (id.ns != name) return false;
    used = job->status != model::JobStatus::dead;
    return !used;
  });
  if (used) return fmt::format("namespace \"{}\" has non-terminal jobs", name);
  tables.variables.from({name, ""}, [&](const model::VariableKey& key, const auto&) {
    used = key.first == name;
    return false;
  });
  return used ? fmt::format("namespace \"{}\" has variables", name) : "";
}

std::string why_quota_stays(const Tables& tables, const std::string& name) {
  for (const Ref<model::Namespace>& space : tables.all_namespaces())
    if (space->quota == name)
      return fmt::format("quota \"{}\" is used by namespace \"{}\"", name, space->name);
  return "";
}

}  // namespace caravan::state
