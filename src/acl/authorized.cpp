// SPDX-License-Identifier: Apache-2.0
#include "acl/authorized.hpp"

#include <algorithm>
#include <set>

#include "acl/workload.hpp"
#include "crypto/digest.hpp"

namespace caravan::acl {
namespace {

/// Merged permissions that are kept; when there are more, all are forgotten and made again.
constexpr std::size_t known_max = 4096;
/// No secret of ours is longer.
constexpr std::size_t secret_max = 256;

/// What stands for those who show no token, if there is anything but their policy.
state::Ref<model::AclToken> anonymous(const state::Tables& tables) {
  static const base::Uuid accessor = *base::Uuid::parse(model::anonymous_accessor);
  return tables.acl_token(accessor);
}

}  // namespace

base::Status Authorized::require(Capability capability, std::string_view subject) const {
  if (may(capability, subject)) return {};
  return base::fail(base::Code::denied, permission_denied);
}

base::Status Authorized::require_variable(Capability capability, std::string_view ns,
                                          std::string_view path) const {
  if (may_variable(capability, ns, path)) return {};
  return base::fail(base::Code::denied, permission_denied);
}

Permissions permissions_of(const state::Tables& tables, const model::AclToken* token,
                           std::vector<std::string>& names) {
  if (token && token->is_management()) return Permissions::management();
  std::set<std::string> wanted;
  if (token) {
    wanted.insert(token->policies.begin(), token->policies.end());
    for (const base::Uuid& id : token->roles)
      if (const state::Ref<model::AclRole> role = tables.acl_role(id))
        wanted.insert(role->policies.begin(), role->policies.end());
  } else {
    wanted.insert(model::anonymous_policy);
    if (const state::Ref<model::AclToken> nobody = anonymous(tables))
      wanted.insert(nobody->policies.begin(), nobody->policies.end());
  }
  std::vector<const model::AclPolicy*> policies;
  for (const std::string& name : wanted) {
    const state::Ref<model::AclPolicy> policy = tables.acl_policy(name);
    if (!policy) continue;
    names.push_back(name);
    policies.push_back(policy.get());  // the tables keep it
  }
  return Permissions::of(policies).value_or(Permissions());
}

Gate::Known Gate::known(const state::Tables& tables, const std::string& key,
                        std::uint64_t token_index, const Make& make) const {
  Known fresh;
  fresh.token_index = token_index;
  fresh.policies_index = tables.index_of(state::Table::acl_policies);
  fresh.roles_index = tables.index_of(state::Table::acl_roles);
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end() && found->second.token_index == fresh.token_index &&
        found->second.policies_index == fresh.policies_index &&
        found->second.roles_index == fresh.roles_index)
      return found->second;
  }
  fresh.permissions = std::make_shared<const Permissions>(make(fresh.policies));
  const std::lock_guard lock(mutex_);
  if (known_.size() >= known_max) known_.clear();
  known_[key] = fresh;
  return fresh;
}

base::Status Gate::take_token(Authorized& caller, const state::Tables& tables,
                              std::string_view secret) const {
  if (!secret.empty()) {
    if (secret.size() > secret_max) return base::fail(base::Code::denied, token_not_found);
    caller.token_ = tables.acl_token_by_digest(crypto::sha256(secret));
    if (!caller.token_ || !crypto::same_secret(caller.token_->secret.to_string(), secret))
      return base::fail(base::Code::denied, token_not_found);
    if (caller.token_->has_expired(now_().unix_ns))
      return base::fail(base::Code::denied, token_expired);
  }
  const model::AclToken* token = caller.token_.get();
  const state::Ref<model::AclToken> nobody = token ? nullptr : anonymous(tables);
  const std::uint64_t token_index = token ? token->modify_index : nobody ? nobody->modify_index : 0;
  Known merged =
      known(tables, token ? token->accessor.to_string() : "", token_index,
            [&](std::vector<std::string>& names) { return permissions_of(tables, token, names); });
  caller.permissions_ = std::move(merged.permissions);
  caller.policies_ = std::move(merged.policies);
  return {};
}

/// What a task may do depends on its place in its job, so all copies share it.
base::Status Gate::take_identity(Authorized& caller, const state::Tables& tables,
                                 std::string_view token) const {
  TRY(const keyring::IdentityProof proof, proofs_.prove(tables, token));
  TRY(keyring::VerifiedIdentity whom, keyring::stand_for(tables, proof, now_()));
  const Workload workload = workload_of(*whom.alloc, whom.task);
  std::string key = "task";
  for (const std::string* part : {&workload.ns, &workload.job, &workload.group, &workload.task})
    key.append(1, '\0').append(*part);
  Known merged = known(tables, key, 0, [&](std::vector<std::string>& names) {
    return permissions_of(tables, workload, names);
  });
  caller.permissions_ = std::move(merged.permissions);
  caller.policies_ = std::move(merged.policies);
  caller.identity_ = std::make_shared<const keyring::VerifiedIdentity>(std::move(whom));
  return {};
}

base::Result<Authorized> Gate::who(std::string_view secret) const {
  Authorized caller;
  if (!is_on()) return caller;
  if (!state_) {
    // Without state not even a policy for requests without a token is known.
    if (!secret.empty())
      return base::fail(base::Code::unavailable,
                        "this agent has no server and cannot look up ACL tokens: ask a server");
    caller.permissions_ = std::make_shared<const Permissions>();
    return caller;
  }
  const state::Snapshot tables = state_();
  TRY_VOID(keyring::looks_like_identity(secret) ? take_identity(caller, *tables, secret)
                                                : take_token(caller, *tables, secret));
  return caller;
}

Authorized Gate::vouched_for(Capability capability) const {
  Rules only;
  only.cluster.set(bit(capability));
  Authorized caller;
  caller.permissions_ = std::make_shared<const Permissions>(std::span(&only, 1));
  return caller;
}

Authorized Gate::vouched_for(std::span<const model::AclPolicy> policies,
                             bool is_management) const {
  Authorized caller;
  std::vector<const model::AclPolicy*> all;
  for (const model::AclPolicy& policy : policies) {
    caller.policies_.push_back(policy.name);
    all.push_back(&policy);
  }
  caller.permissions_ = std::make_shared<const Permissions>(
      is_management ? Permissions::management()
                    : Permissions::of(all).value_or(Permissions()));
  return caller;
}

base::Result<Authorized> Gate::admit(std::string_view secret, Capability capability,
                                     std::string_view subject) const {
  // Who needs no token is not turned away for a wrong one: health checks bring old ones along.
  if (capability == Capability::anyone && is_on()) {
    base::Result<Authorized> caller = who(secret);
    if (caller) return caller;
    Authorized nobody;
    nobody.permissions_ = std::make_shared<const Permissions>();
    return nobody;
  }
  TRY(const Authorized caller, who(secret));
  TRY_VOID(caller.require(capability, subject));
  return caller;
}

}  // namespace caravan::acl
