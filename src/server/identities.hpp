// SPDX-License-Identifier: Apache-2.0
// Signs what tasks are, for the node that runs them, and what that is. Nothing is written: a token
// proves itself, and ends with its allocation.
#pragma once

#include "io/task.hpp"
#include "io/world.hpp"
#include "keyring/identity.hpp"
#include "keyring/ring.hpp"
#include "state/store.hpp"
#include "wire/identity_rpc.hpp"

namespace caravan::server {

class Identities {
 public:
  /// References outlive it.
  Identities(io::World& world, state::Store& store, const keyring::Ring& ring,
             keyring::Issuer issuer)
      : world_(world), store_(store), ring_(ring), issuer_(std::move(issuer)) {}

  /// Answers an IdentitiesRequest. Errors: denied (the node), not_found (the allocation, the task,
  /// the identity), conflict (the allocation has ended), unavailable (no root key yet).
  io::Task<base::Result<std::string>> sign(std::string request) const;
  /// Answers a NodeIdentityRequest: of the node itself, for as long as its pool says. Errors:
  /// denied (the node), unavailable (no root key yet).
  io::Task<base::Result<std::string>> sign_node(std::string request) const;

 private:
  io::World& world_;
  state::Store& store_;
  const keyring::Ring& ring_;
  const keyring::Issuer issuer_;
};

}  // namespace caravan::server
