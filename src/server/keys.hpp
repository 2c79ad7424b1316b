// SPDX-License-Identifier: Apache-2.0
// Sees to it, on the leader, that there is a root key, and that no key stays active for too long.
#pragma once

#include "crypto/signing_key.hpp"
#include "io/log.hpp"
#include "io/task.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

struct KeysConfig {
  base::Duration rotation = base::Duration(2'592'000'000'000'000);  // 30 days
  /// The simulated world takes eddsa: its keys come of the seed.
  crypto::SigningAlgorithm signing = crypto::SigningAlgorithm::rs256;
};

class Keys {
 public:
  /// `folder` keeps the key-encryption key; it is made when missing.
  Keys(io::World& world, state::Store& store, Proposals& proposals, std::string folder,
       KeysConfig config, io::Logger log);
  /// Errors: io (the folder), invalid (a damaged key-encryption key).
  io::Task<base::Status> load();
  void start();
  io::Task<void> stop();
  /// A new active key, now; the one before stays known. Errors: those of a proposal.
  io::Task<base::Result<base::Uuid>> rotate();

 private:
  io::Task<void> run();
  io::Task<crypto::SigningKey> make_signer();
  std::string random_bytes(std::size_t count);
  bool has_usable_key() const;

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  std::string folder_;
  KeysConfig config_;
  io::Logger log_;
  std::string kek_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
