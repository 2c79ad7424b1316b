// SPDX-License-Identifier: Apache-2.0
#include "keyring/root_key.hpp"

#include "crypto/aead.hpp"

namespace caravan::keyring {
namespace {

// What each box is bound to: neither another key's id nor the other box of the same key opens it.
std::string about_data(const base::Uuid& id) { return "data key " + id.to_string(); }
std::string about_signer(const base::Uuid& id) { return "signing key " + id.to_string(); }

}  // namespace

wire::RootKey seal(const RootKey& key, std::string_view kek, std::string_view nonce,
                   std::string_view other_nonce, std::int64_t create_time_ns) {
  wire::RootKey sealed;
  sealed.id = key.id;
  sealed.active = true;
  sealed.create_time_ns = create_time_ns;
  sealed.wrapped_key = crypto::seal(kek, nonce, key.data_key, about_data(key.id));
  sealed.wrapped_signing =
      crypto::seal(kek, other_nonce, key.signer.to_pkcs8(), about_signer(key.id));
  sealed.public_pem = key.signer.public_pem();
  return sealed;
}

base::Result<RootKey> open(const wire::RootKey& sealed, std::string_view kek) {
  TRY(std::string data_key, crypto::open(kek, sealed.wrapped_key, about_data(sealed.id)));
  TRY(const std::string der, crypto::open(kek, sealed.wrapped_signing, about_signer(sealed.id)));
  TRY(crypto::SigningKey signer, crypto::SigningKey::from_pkcs8(der));
  return RootKey{sealed.id, std::move(data_key), std::move(signer)};
}

}  // namespace caravan::keyring
