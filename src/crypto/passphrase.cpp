// SPDX-License-Identifier: Apache-2.0
#include "crypto/passphrase.hpp"

#include <openssl/evp.h>

#include "crypto/aead.hpp"

namespace caravan::crypto {
namespace {

constexpr std::uint64_t cost = 1 << 15, block = 8, parallel = 1;
constexpr std::uint64_t memory_max = 64 << 20;

}  // namespace

base::Result<std::string> key_of_passphrase(std::string_view passphrase, std::string_view salt) {
  std::string key(aead_key_bytes, '\0');
  const int done = EVP_PBE_scrypt(passphrase.data(), passphrase.size(),
                                  reinterpret_cast<const unsigned char*>(salt.data()), salt.size(),
                                  cost, block, parallel, memory_max,
                                  reinterpret_cast<unsigned char*>(key.data()), key.size());
  if (done != 1) return base::fail(base::Code::internal, "no key could be made of the passphrase");
  return key;
}

}  // namespace caravan::crypto
