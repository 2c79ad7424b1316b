// SPDX-License-Identifier: Apache-2.0
#include "keyring/jwks.hpp"

#include "crypto/signing_key.hpp"

namespace caravan::keyring {

json::Object jwks(const state::Tables& tables) {
  json::Array keys;
  tables.root_keys.each([&](const base::Uuid& id, const state::Ref<wire::RootKey>& key) {
    const base::Result<crypto::SigningKey> signer =
        crypto::SigningKey::from_public_pem(key->public_pem);
    if (signer) keys.push_back(signer->jwk(id.to_string()));
  });
  return {{"keys", std::move(keys)}};
}

}  // namespace caravan::keyring
