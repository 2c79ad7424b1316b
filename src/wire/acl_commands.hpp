// SPDX-License-Identifier: Apache-2.0
// Changes of who may do what.
#pragma once

#include <string>
#include <vector>

#include "model/acl_policy.hpp"
#include "model/acl_role.hpp"
#include "model/acl_token.hpp"
#include "model/auth_method.hpp"
#include "model/binding_rule.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

struct UpsertAclPolicies {
  std::vector<model::AclPolicy> policies;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertAclPolicies& c) {
  v(1, "Policies", c.policies);
  v.unknown(c.unknown);
}

struct DeleteAclPolicies {
  std::vector<std::string> names;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteAclPolicies& c) {
  v(1, "Names", c.names);
  v.unknown(c.unknown);
}

/// A token whose accessor or secret belongs to another one by then is left out.
struct UpsertAclTokens {
  std::vector<model::AclToken> tokens;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertAclTokens& c) {
  v(1, "Tokens", c.tokens);
  v.unknown(c.unknown);
}

struct DeleteAclTokens {
  std::vector<base::Uuid> accessors;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteAclTokens& c) {
  v(1, "Accessors", c.accessors);
  v.unknown(c.unknown);
}

/// A role whose name is another one's by then is left out.
struct UpsertAclRoles {
  std::vector<model::AclRole> roles;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertAclRoles& c) {
  v(1, "Roles", c.roles);
  v.unknown(c.unknown);
}

struct DeleteAclRoles {
  std::vector<base::Uuid> ids;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteAclRoles& c) {
  v(1, "IDs", c.ids);
  v.unknown(c.unknown);
}

/// The first token of the cluster; nothing when it has one, unless `reset_index` says which.
struct BootstrapAcl {
  model::AclToken token;
  std::uint64_t reset_index = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, BootstrapAcl& c) {
  v(1, "Token", c.token);
  v(2, "ResetIndex", c.reset_index);
  v.unknown(c.unknown);
}

/// One that would be a second default of its type is refused.
struct UpsertAuthMethods {
  std::vector<model::AuthMethod> methods;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertAuthMethods& c) {
  v(1, "Methods", c.methods);
  v.unknown(c.unknown);
}

struct DeleteAuthMethods {
  std::vector<std::string> names;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteAuthMethods& c) {
  v(1, "Names", c.names);
  v.unknown(c.unknown);
}

/// One of a method that is gone by then is refused.
struct UpsertBindingRules {
  std::vector<model::BindingRule> rules;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertBindingRules& c) {
  v(1, "Rules", c.rules);
  v.unknown(c.unknown);
}

struct DeleteBindingRules {
  std::vector<base::Uuid> ids;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteBindingRules& c) {
  v(1, "IDs", c.ids);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
