// SPDX-License-Identifier: Apache-2.0
#include "keyring/ring.hpp"

#include <fmt/core.h>

#include "crypto/aead.hpp"

namespace caravan::keyring {

base::Uuid active_key_id(const state::Tables& tables) {
  base::Uuid newest;
  std::uint64_t index = 0;
  tables.root_keys.each([&](const base::Uuid& id, const state::Ref<wire::RootKey>& key) {
    if (!key->active || key->create_index < index) return;
    newest = id;
    index = key->create_index;
  });
  return newest;
}

base::Result<std::shared_ptr<const RootKey>> Ring::opened(const state::Tables& tables,
                                                          const base::Uuid& id) const {
  const std::scoped_lock lock(mutex_);
  if (const auto known = opened_.find(id); known != opened_.end()) return known->second;
  const state::Ref<wire::RootKey>* sealed = tables.root_keys.find(id);
  if (!sealed) return base::invalid(fmt::format("the root key {} is gone", id.to_string()));
  TRY(RootKey key, keyring::open(**sealed, kek_));
  return opened_.emplace(id, std::make_shared<const RootKey>(std::move(key))).first->second;
}

base::Result<std::shared_ptr<const RootKey>> Ring::active(const state::Tables& tables) const {
  const base::Uuid id = active_key_id(tables);
  if (id.is_nil())
    return base::fail(base::Code::unavailable, "the cluster has no root key yet; try again soon");
  return opened(tables, id);
}

base::Result<Box> Ring::seal(const state::Tables& tables, std::string_view plain,
                             std::string_view bound, std::string_view nonce) const {
  TRY(const std::shared_ptr<const RootKey> key, active(tables));
  return Box{key->id, crypto::seal(key->data_key, nonce, plain, bound)};
}

base::Result<std::string> Ring::open(const state::Tables& tables, const base::Uuid& key_id,
                                     std::string_view box, std::string_view bound) const {
  TRY(const std::shared_ptr<const RootKey> key, opened(tables, key_id));
  return crypto::open(key->data_key, box, bound);
}

}  // namespace caravan::keyring
