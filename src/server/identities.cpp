// SPDX-License-Identifier: Apache-2.0
#include "server/identities.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "keyring/node_identity.hpp"
#include "server/task_proof.hpp"

namespace caravan::server {
namespace {

using Claims = std::map<std::string, json::Object>;  // by the identity's name

/// Off the main lane: an RSA signature takes as long as many commands.
io::Task<std::map<std::string, std::string>> sign_all(std::shared_ptr<const keyring::RootKey> key,
                                                      Claims claims) {
  std::map<std::string, std::string> tokens;
  for (const auto& [name, claimed] : claims)
    tokens[name] = crypto::sign_jwt(key->signer, key->id.to_string(), claimed);
  co_return tokens;
}

}  // namespace

io::Task<base::Result<std::string>> Identities::sign(std::string request) const {
  CO_TRY(const wire::IdentitiesRequest asked, wire::decode<wire::IdentitiesRequest>(request));
  if (asked.names.size() > model::identities_max + 1)
    co_return base::invalid(fmt::format("a task has at most {} identities, and these are {}",
                                        model::identities_max + 1, asked.names.size()));
  const state::Snapshot tables = store_.snapshot();
  CO_TRY(const state::Ref<model::Allocation> alloc,
         prove_task(*tables, asked.node_id, asked.secret_id, asked.alloc_id, asked.task));
  if (alloc->client_terminal())
    co_return base::fail(base::Code::conflict, "the allocation has ended");
  Claims claims;
  for (const std::string& name : asked.names) {
    const auto identity = model::find_identity(*alloc->task_group().find_task(asked.task), name);
    if (!identity)
      co_return base::fail(base::Code::not_found, fmt::format("the task has no identity \"{}\"",
                                                              base::printable(name, 128)));
    claims[name] = keyring::identity_claims(issuer_, *alloc, asked.task, *identity,
                                            world_.clock.now(), world_.random.uuid());
  }
  CO_TRY(const std::shared_ptr<const keyring::RootKey> key, ring_.active(*tables));
  wire::IdentitiesReply reply;
  auto signing = sign_all(key, std::move(claims));
  reply.tokens = co_await io::on(world_.executor.lane(io::Lane::pool), std::move(signing));
  co_return wire::encode(reply);
}

io::Task<base::Result<std::string>> Identities::sign_node(std::string request) const {
  CO_TRY(const wire::NodeIdentityRequest asked, wire::decode<wire::NodeIdentityRequest>(request));
  const state::Snapshot tables = store_.snapshot();
  CO_TRY(const state::Ref<model::Node> node,
         prove_node(*tables, asked.node_id, asked.secret_id));
  const state::Ref<model::NodePool> pool = tables->node_pool(node->node_pool);
  const base::Duration ttl = pool ? pool->node_identity_ttl : model::node_identity_ttl_default;
  CO_TRY(const std::shared_ptr<const keyring::RootKey> key, ring_.active(*tables));
  constexpr const char* only = "";
  const Claims claims{{only, keyring::node_identity_claims(issuer_, *node, ttl, world_.clock.now(),
                                                           world_.random.uuid())}};
  auto signing = sign_all(key, claims);
  std::map<std::string, std::string> signed_ones =
      co_await io::on(world_.executor.lane(io::Lane::pool), std::move(signing));
  co_return wire::encode(wire::NodeIdentityReply{std::move(signed_ones[only]), ttl, {}});
}

}  // namespace caravan::server
