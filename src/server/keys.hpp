// SPDX-License-Identifier: Apache-2.0
// Sees to it, on the leader, that there is a root key, that its successor is known in time, and
// that no key stays active for too long.
#pragma once

#include "crypto/signing_key.hpp"
#include "io/log.hpp"
#include "io/task.hpp"
#include "keyring/key_schedule.hpp"
#include "keyring/ring.hpp"
#include "server/key_file.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

struct KeysConfig {
  base::Duration rotation = base::Duration(2'592'000'000'000'000);  // 30 days
  /// The simulated world takes eddsa: its keys come of the seed.
  crypto::SigningAlgorithm signing = crypto::SigningAlgorithm::rs256;
  std::vector<KeyGuard> guards;  // of the key-encryption key
};

/// How a key takes over from the one before.
struct Rotation {
  bool full = false;      // all variables are sealed anew with it
  base::Instant publish;  // zero: it is active at once; else only shown until then
  std::optional<crypto::SigningAlgorithm> signing;  // none: what the servers are configured to
};

class Keys {
 public:
  /// `data_dir` keeps the key-encryption key; it is made when missing.
  Keys(io::World& world, state::Store& store, Proposals& proposals, std::string data_dir,
       KeysConfig config, io::Logger log);
  /// Errors: io (the folder), those of KeyFile::read.
  io::Task<base::Status> load();
  /// Empty before load().
  const std::string& key_encryption_key() const { return ring_.kek(); }
  /// Opens nothing before load().
  const keyring::Ring& ring() const { return ring_; }
  void start();
  io::Task<void> stop();
  /// A new key; the one before stays known. Errors: invalid (what does not go together, a time that
  /// is over), and those of a proposal.
  io::Task<base::Result<base::Uuid>> rotate(Rotation how);
  /// Forgets a key. Errors: not_found, invalid (the active one), conflict (it is used).
  io::Task<base::Result<std::uint64_t>> remove(base::Uuid id, bool force);

 private:
  io::Task<void> run();
  io::Task<base::Status> take(keyring::KeyStep step);
  io::Task<crypto::SigningKey> make_signer(crypto::SigningAlgorithm signing);
  bool opens() const;

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  const KeysConfig config_;
  const KeyFile file_;
  io::Logger log_;
  keyring::Ring ring_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
