// SPDX-License-Identifier: Apache-2.0
// What lets a machine that nobody knows become a node: a JSON Web Token, signed with a root key,
// for a pool and, where one is named, for one machine. Pure: time, ids and keys come from the
// caller.
#pragma once

#include "keyring/identity.hpp"

namespace caravan::keyring {

struct Introduction {
  std::string node_name;  // "": any
  std::string node_pool = "default";
};

/// "sub" is node-introduction:region:pool:name:default; `id` becomes "jti".
json::Object introduction_claims(const Issuer& issuer, const Introduction& introduction,
                                 base::Duration ttl, base::Instant now, const base::Uuid& id);

/// Whether the token introduces a node of this name in this pool. Errors: denied, with what is
/// wrong: its signature, audience or kind, its time, another name or pool.
base::Status check_introduction(const state::Tables& tables, std::string_view text,
                                const Introduction& wanted, base::Instant now);

}  // namespace caravan::keyring
