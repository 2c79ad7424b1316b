// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {
namespace {

void put_token(Change& change, const model::AclToken& given) {
  const Tables& tables = change.tables();
  const Ref<model::AclToken> old = tables.acl_token(given.accessor);
  const Ref<model::AclToken> same_secret = tables.acl_token_by_digest(given.secret_digest);
  if (same_secret && same_secret->accessor != given.accessor) return;
  if (old && old->secret != given.secret) return;
  auto token = std::make_shared<model::AclToken>(given);
  token->create_index = old ? old->create_index : change.index();
  token->create_time_ns = old ? old->create_time_ns : change.time_ns();
  token->modify_index = change.index();
  change.put(Ref<model::AclToken>(token));
}

}  // namespace

void apply(Change& change, const wire::UpsertAclPolicies& c) {
  for (const model::AclPolicy& given : c.policies) {
    const Ref<model::AclPolicy> old = change.tables().acl_policy(given.name);
    auto policy = std::make_shared<model::AclPolicy>(given);
    policy->create_index = old ? old->create_index : change.index();
    policy->modify_index = change.index();
    change.put(Ref<model::AclPolicy>(policy));
  }
}

void apply(Change& change, const wire::DeleteAclPolicies& c) {
  for (const std::string& name : c.names)
    change.erase_acl_policy(name);
}

void apply(Change& change, const wire::UpsertAclTokens& c) {
  for (const model::AclToken& token : c.tokens)
    put_token(change, token);
}

void apply(Change& change, const wire::DeleteAclTokens& c) {
  for (const base::Uuid& accessor : c.accessors)
    change.erase_acl_token(accessor);
}

void apply(Change& change, const wire::UpsertAclRoles& c) {
  for (const model::AclRole& given : c.roles) {
    const Ref<model::AclRole> named = change.tables().acl_role_named(given.name);
    if (named && named->id != given.id) continue;
    const Ref<model::AclRole> old = change.tables().acl_role(given.id);
    auto role = std::make_shared<model::AclRole>(given);
    role->create_index = old ? old->create_index : change.index();
    role->modify_index = change.index();
    change.put(Ref<model::AclRole>(role));
  }
}

void apply(Change& change, const wire::DeleteAclRoles& c) {
  for (const base::Uuid& id : c.ids)
    change.erase_acl_role(id);
}

void apply(Change& change, const wire::BootstrapAcl& c) {
  const std::uint64_t done_at = change.tables().acl_reset_index();
  if (done_at != 0 && done_at != c.reset_index) return;
  put_token(change, c.token);
  if (!change.tables().acl_token(c.token.accessor)) return;
  auto bootstrap = std::make_shared<model::AclBootstrap>();
  bootstrap->reset_index = change.index();
  change.put(Ref<model::AclBootstrap>(bootstrap));
}

void apply(Change& change, const wire::UpsertAuthMethods& c) {
  for (const model::AuthMethod& given : c.methods) {
    const Ref<model::AuthMethod> standing = change.tables().default_auth_method(given.type);
    if (given.is_default && standing && standing->name != given.name) return change.refuse();
    const Ref<model::AuthMethod> old = change.tables().auth_method(given.name);
    auto method = std::make_shared<model::AuthMethod>(given);
    method->create_index = old ? old->create_index : change.index();
    method->create_time = old ? old->create_time : base::Instant{change.time_ns()};
    method->modify_time = {change.time_ns()};
    method->modify_index = change.index();
    change.put(Ref<model::AuthMethod>(method));
  }
}

void apply(Change& change, const wire::DeleteAuthMethods& c) {
  for (const std::string& name : c.names)
    change.erase_auth_method(name);
}

void apply(Change& change, const wire::UpsertBindingRules& c) {
  for (const model::BindingRule& given : c.rules) {
    if (!change.tables().auth_method(given.auth_method)) return change.refuse();
    const Ref<model::BindingRule> old = change.tables().binding_rule(given.id);
    auto rule = std::make_shared<model::BindingRule>(given);
    rule->create_index = old ? old->create_index : change.index();
    rule->create_time = old ? old->create_time : base::Instant{change.time_ns()};
    rule->modify_time = {change.time_ns()};
    rule->modify_index = change.index();
    change.put(Ref<model::BindingRule>(rule));
  }
}

void apply(Change& change, const wire::DeleteBindingRules& c) {
  for (const base::Uuid& id : c.ids)
    change.erase_binding_rule(id);
}

}  // namespace caravan::state
