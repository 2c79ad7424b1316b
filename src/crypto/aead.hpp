// SPDX-License-Identifier: Apache-2.0
// AES-GCM: a box that shows whether anybody touched it. With a key of 32 bytes; those of 16 and 24,
// which gossip may have been given, make it AES-128 and AES-192.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace caravan::crypto {

inline constexpr std::size_t aead_key_bytes = 32;
inline constexpr std::size_t aead_nonce_bytes = 12;
inline constexpr std::size_t aead_tag_bytes = 16;
inline constexpr bool is_aead_key_size(std::size_t bytes) {
  return bytes == 16 || bytes == 24 || bytes == aead_key_bytes;
}

/// The nonce, the ciphertext and a 16-byte tag, in one string. `bound` is not inside, but the box
/// opens only beside the same. A nonce must never be used twice with one key.
/// Preconditions: is_aead_key_size(key.size()), and the length of the nonce.
std::string seal(std::string_view key, std::string_view nonce, std::string_view plain,
                 std::string_view bound);
/// Errors: invalid (damaged, another key, other `bound`: it cannot be told which).
base::Result<std::string> open(std::string_view key, std::string_view box, std::string_view bound);

}  // namespace caravan::crypto
