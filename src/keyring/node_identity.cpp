// SPDX-License-Identifier: Apache-2.0
#include "keyring/node_identity.hpp"

#include <fmt/core.h>

namespace caravan::keyring {

json::Object node_identity_claims(const Issuer& issuer, const model::Node& node, base::Duration ttl,
                                  base::Instant now, const base::Uuid& id) {
  const std::int64_t now_s = now.seconds();
  const std::string named = node.id.to_string();
  json::Object claims{
      {"aud", model::identity_audience},
      {"exp", now_s + std::chrono::duration_cast<std::chrono::seconds>(ttl).count()},
      {"iat", now_s},
      {"jti", id.to_string()},
      {"nbf", now_s},
      {"nomad_node_datacenter", node.datacenter},
      {"nomad_node_id", named},
      {"nomad_node_pool", node.node_pool},
      {"sub", fmt::format("node:{}:{}:{}:default", issuer.region, node.node_pool, named)}};
  if (!node.node_class.empty()) claims["nomad_node_class"] = node.node_class;
  if (!issuer.url.empty()) claims["iss"] = issuer.url;
  return claims;
}

}  // namespace caravan::keyring
