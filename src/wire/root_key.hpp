// SPDX-License-Identifier: Apache-2.0
// The keys that the servers sign and seal with.
#pragma once

#include <string>

#include "wire/binary.hpp"

namespace caravan::wire {

/// A root key as the keyring made it: wrapped private parts, public ones in the clear.
struct RootKey {
  base::Uuid id;
  std::string algorithm = "aes256-gcm";
  bool active = true;
  std::int64_t create_time_ns = 0;
  std::string wrapped_key;      // the data key, sealed under the server's key-encryption key
  std::string wrapped_signing;  // PKCS#8 of the signing key, sealed the same way
  std::string public_pem;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, RootKey& k) {
  v(1, "KeyID", k.id);
  v(2, "Algorithm", k.algorithm);
  v(3, "Active", k.active);
  v(4, "CreateTime", k.create_time_ns);
  v(5, "WrappedKey", k.wrapped_key);
  v(6, "WrappedSigning", k.wrapped_signing);
  v(7, "PublicPem", k.public_pem);
  v(8, "CreateIndex", k.create_index);
  v(9, "ModifyIndex", k.modify_index);
  v.unknown(k.unknown);
}

struct UpsertRootKey {
  RootKey key;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertRootKey& c) {
  v(1, "Key", c.key);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
