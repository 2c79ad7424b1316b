// SPDX-License-Identifier: Apache-2.0
// The opened root keys of this server: sealing and opening what lies in the state. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "keyring/root_key.hpp"
#include "state/tables.hpp"

namespace caravan::keyring {

struct Box {
  base::Uuid key_id;
  std::string bytes;
};

class Ring {
 public:
  /// Before the first use: what the root keys are sealed under.
  void unlock(std::string kek) { kek_ = std::move(kek); }
  const std::string& kek() const { return kek_; }

  /// Under the newest active root key. `nonce`: 12 fresh random bytes. Errors: unavailable (there
  /// is none yet: the cluster has just begun), invalid (it does not open here).
  base::Result<Box> seal(const state::Tables& tables, std::string_view plain,
                         std::string_view bound, std::string_view nonce) const;
  /// Errors: invalid (damaged, or of a key that is gone or does not open here).
  base::Result<std::string> open(const state::Tables& tables, const base::Uuid& key_id,
                                 std::string_view box, std::string_view bound) const;
  /// The newest active one. Errors: as seal.
  base::Result<std::shared_ptr<const RootKey>> active(const state::Tables& tables) const;

 private:
  base::Result<std::shared_ptr<const RootKey>> opened(const state::Tables& tables,
                                                      const base::Uuid& id) const;

  std::string kek_;
  mutable std::mutex mutex_;
  mutable std::map<base::Uuid, std::shared_ptr<const RootKey>> opened_;
};

/// The id of the newest active root key, nil when there is none.
base::Uuid active_key_id(const state::Tables& tables);

}  // namespace caravan::keyring
