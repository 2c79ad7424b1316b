// SPDX-License-Identifier: Apache-2.0
// What is one for all regions: the authoritative one has the truth, the others keep copies. What is
// to be copied, too, gets a field of Globals, a row in server/globals.cpp and one in
// server/replication.cpp.
#pragma once

#include <string>
#include <vector>

#include "model/acl_policy.hpp"
#include "model/acl_role.hpp"
#include "model/acl_token.hpp"
#include "model/auth_method.hpp"
#include "model/binding_rule.hpp"
#include "model/namespace.hpp"
#include "model/node_pool.hpp"
#include "model/quota.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// The method that a leader asks the authoritative region with.
inline constexpr const char* globals_method = "Region.Globals";

struct GlobalsRequest {
  std::string token;   // a secret of the authoritative region; of a management token
  std::string digest;  // of what is known already: the answer waits until there is something else
  std::int64_t wait_ns = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, GlobalsRequest& r) {
  v(1, "Token", r.token);
  v(2, "Digest", r.digest);
  v(3, "Wait", r.wait_ns);
  v.unknown(r.unknown);
}

/// Without indexes: those are of another log.
struct Globals {
  bool has_access_control = false;  // policies, roles and tokens count only where it is on
  std::vector<model::AclPolicy> policies;
  std::vector<model::AclRole> roles;
  std::vector<model::AclToken> tokens;  // those that are global
  std::vector<model::Namespace> namespaces;
  std::vector<model::NodePool> pools;
  std::vector<model::Quota> quotas;
  std::vector<model::AuthMethod> auth_methods;
  std::vector<model::BindingRule> binding_rules;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Globals& g) {
  v(1, "HasAccessControl", g.has_access_control);
  v(2, "Policies", g.policies);
  v(3, "Roles", g.roles);
  v(4, "Tokens", g.tokens);
  v(5, "Namespaces", g.namespaces);
  v(6, "Pools", g.pools);
  v(7, "Quotas", g.quotas);
  v(8, "AuthMethods", g.auth_methods);
  v(9, "BindingRules", g.binding_rules);
  v.unknown(g.unknown);
}

struct GlobalsReply {
  std::string digest;
  std::string globals;  // encoded; "" when they are those that were known
  base::Unknown unknown;
};
template <class V>
void fields(V& v, GlobalsReply& r) {
  v(1, "Digest", r.digest);
  v(2, "Globals", r.globals);
  v.unknown(r.unknown);
}

}  // namespace caravan::wire
