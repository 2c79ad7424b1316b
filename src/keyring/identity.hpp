// SPDX-License-Identifier: Apache-2.0
// What a task proves by being what it is: a JSON Web Token that names its allocation, signed with a
// root key. Pure: time, ids and keys come from the caller.
//
// The allocation decides, not the token: one that names an allocation that has ended is refused,
// whatever time it has left.
#pragma once

#include "crypto/jwt.hpp"
#include "model/allocation.hpp"
#include "model/identity.hpp"
#include "state/tables.hpp"

namespace caravan::keyring {

/// Who issues, as verifiers elsewhere know it.
struct Issuer {
  std::string region = "global";
  std::string url;  // "iss": the configured OIDC issuer; "" leaves it out
};

/// Of one identity of one task. "sub" is region:namespace:job:group:task:identity, where a child
/// counts as its parent; `id` becomes "jti".
json::Object identity_claims(const Issuer& issuer, const model::Allocation& alloc,
                             const std::string& task, const model::WorkloadIdentity& identity,
                             base::Instant now, const base::Uuid& id);

/// Whom a token stands for.
struct VerifiedIdentity {
  state::Ref<model::Allocation> alloc;  // not ended
  std::string task, subject;
  base::Instant expires;  // zero: never
};

/// Whether text looks like a token of this kind and not like the secret of an ACL token.
bool looks_like_identity(std::string_view text);

/// Looks at the signature, the audience (ours), the times and the allocation. Errors: denied, with
/// what is wrong.
base::Result<VerifiedIdentity> verify_identity(const state::Tables& tables, std::string_view text,
                                               base::Instant now);

}  // namespace caravan::keyring
