// SPDX-License-Identifier: Apache-2.0
// What a node can show to others: a JSON Web Token that names it, signed with a root key, for
// whoever reads the cluster's JWKS. Between nodes and servers certificate and secret decide (ADR
// 37). Pure: time, ids and keys come from the caller.
#pragma once

#include "keyring/identity.hpp"
#include "model/node.hpp"

namespace caravan::keyring {

/// "sub" is node:region:pool:id:default; `id` becomes "jti".
json::Object node_identity_claims(const Issuer& issuer, const model::Node& node, base::Duration ttl,
                                  base::Instant now, const base::Uuid& id);

}  // namespace caravan::keyring
