// SPDX-License-Identifier: Apache-2.0
// A token or role may be given the identity of a service or of a node instead of rules: what a
// sidecar of that service, or an agent of that name needs. It is kept as a policy with a name of
// its own kind, made when somebody first has it; clients of the registry see the identity only.
// Source of the rules: Consul's public documentation of service and node identities.
#pragma once

#include <string>
#include <vector>

#include "api/consul/members.hpp"
#include "model/acl_policy.hpp"
#include "server/access.hpp"

namespace caravan::api::consul {

/// Whether a policy of that name stands for an identity.
bool is_identity(const std::string& policy);

/// Takes the members ServiceIdentities and NodeIdentities, and gives the names of their policies.
/// `datacenter`: this one, the only one that they may hold in. Errors: invalid (with the path),
/// unsupported (another datacenter).
base::Result<std::vector<std::string>> identities_in(Members& members,
                                                     const std::string& datacenter);

/// What a binding rule binds, whose name may have ${value.x} in it. `type`: "service", "node".
/// Errors: invalid (a name that none has).
base::Result<std::string> identity_to_bind(const std::string& type, const std::string& name,
                                           const std::string& datacenter);
struct BoundIdentity {
  std::string type, name;  // "" when it is none
};
/// The other way round.
BoundIdentity bound_identity(const std::string& policy);

/// The policy of that name, which is_identity().
model::AclPolicy identity_policy(const std::string& name);
/// Makes those of these policies that are identities and are not there yet. Errors: conflict (one
/// is there that was made by hand), and those of a proposal.
io::Task<base::Status> make_identities(const state::Tables& tables, server::Access& access,
                                       const std::vector<std::string>& policies);

/// The same of those that a login binds.
io::Task<base::Status> make_bound(state::Snapshot tables, server::Access& access,
                                  std::vector<std::string> policies);

/// Adds ServiceIdentities and NodeIdentities to what is shown of whoever has these policies; those
/// that it has none of are left out.
void show_identities(const std::vector<std::string>& policies, json::Object& shown);

}  // namespace caravan::api::consul
