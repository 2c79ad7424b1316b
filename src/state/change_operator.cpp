// SPDX-License-Identifier: Apache-2.0
// Entries of what operators say: rules of access, variables, keys, settings.
#include "state/change_entries.hpp"

namespace caravan::state {

void Change::erase_restore_pieces() {
  tables_.restore_pieces = {};
  std::uint64_t& sum = tables_.table_hash[static_cast<std::size_t>(Table::restore_pieces)];
  if (std::exchange(sum, 0) != 0) touch(Table::restore_pieces);
}

void Change::put(Ref<wire::RootKey> key) {
  const base::Uuid id = key->id;
  replace(Table::root_keys, tables_.root_keys, id, std::move(key));
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

}  // namespace caravan::state
