// SPDX-License-Identifier: Apache-2.0
// A root key in the open, and its sealed form in the log.
#pragma once

#include <string>

#include "crypto/signing_key.hpp"
#include "wire/command.hpp"

namespace caravan::keyring {

/// `data_key` encrypts variables (AES-256-GCM, 32 bytes); `signer` signs identities.
struct RootKey {
  base::Uuid id;
  std::string data_key;
  crypto::SigningKey signer;
};

/// The form for the log, active. `kek` is the key-encryption key, 32 bytes; the nonces are fresh
/// random ones, 12 bytes each.
wire::RootKey seal(const RootKey& key, std::string_view kek, std::string_view nonce,
                   std::string_view other_nonce, std::int64_t create_time_ns);

/// Errors: invalid (sealed under another key-encryption key, or damaged).
base::Result<RootKey> open(const wire::RootKey& sealed, std::string_view kek);

}  // namespace caravan::keyring
