// SPDX-License-Identifier: Apache-2.0
// What a task proves by being what it is: a JSON Web Token that names its allocation, signed with a
// root key. Pure: time, ids and keys come from the caller.
//
// The allocation decides, not the token: one that names an allocation that has ended is refused,
// whatever time it has left.
#pragma once

#include <optional>

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

/// What a token of ours says. That it does not change with time; whether it still counts does.
struct IdentityProof {
  base::AllocId alloc;
  std::string task, subject;
  std::int64_t begin_s = 0;           // seconds since 1970
  std::optional<std::int64_t> end_s;  // nothing: never
};

/// Looks at the signature, the audience (ours) and the shape of its times: all of a token that
/// costs time and stays as it is while the keys do. Errors: denied, with what is wrong.
base::Result<IdentityProof> prove_identity(const state::Tables& tables, std::string_view text);
/// Looks at the times and the allocation. Errors: denied, with what is wrong.
base::Result<VerifiedIdentity> stand_for(const state::Tables& tables, const IdentityProof& proof,
                                         base::Instant now);

/// Whether text looks like a token of this kind and not like the secret of an ACL token.
bool looks_like_identity(std::string_view text);

/// Both, one after the other.
base::Result<VerifiedIdentity> verify_identity(const state::Tables& tables, std::string_view text,
                                               base::Instant now);

}  // namespace caravan::keyring
