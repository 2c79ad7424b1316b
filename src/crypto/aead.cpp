// SPDX-License-Identifier: Apache-2.0
#include "crypto/aead.hpp"

#include <memory>

#include <openssl/evp.h>

#include "base/assert.hpp"

namespace caravan::crypto {
namespace {

constexpr std::size_t tag_bytes = aead_tag_bytes;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
int length(std::string_view bytes) { return static_cast<int>(bytes.size()); }
const EVP_CIPHER* cipher_of(std::string_view key) {
  return key.size() == 16   ? EVP_aes_128_gcm()
         : key.size() == 24 ? EVP_aes_192_gcm()
                            : EVP_aes_256_gcm();
}

}  // namespace

std::string seal(std::string_view key, std::string_view nonce, std::string_view plain,
                 std::string_view bound) {
  ASSERT(is_aead_key_size(key.size()) && nonce.size() == aead_nonce_bytes);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string sealed(plain.size(), '\0'), tag(tag_bytes, '\0');
  int done = 0;
  const bool well =
      EVP_EncryptInit_ex(cipher.get(), cipher_of(key), nullptr, in(key), in(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &done, in(bound), length(bound)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), out(sealed), &done, in(plain), length(plain)) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), out(sealed) + done, &done) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, out(tag)) == 1;
  ASSERT(well);
  return std::string(nonce) + sealed + tag;
}

base::Result<std::string> open(std::string_view key, std::string_view box, std::string_view bound) {
  ASSERT(is_aead_key_size(key.size()));
  const char* closed = "a sealed value does not open: it is damaged, or sealed with another key";
  if (box.size() < aead_nonce_bytes + tag_bytes) return base::invalid(closed);
  const std::string_view nonce = box.substr(0, aead_nonce_bytes);
  std::string tag(box.substr(box.size() - tag_bytes));
  box.remove_prefix(aead_nonce_bytes);
  box.remove_suffix(tag_bytes);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string plain(box.size(), '\0');
  int done = 0;
  const bool well =
      EVP_DecryptInit_ex(cipher.get(), cipher_of(key), nullptr, in(key), in(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &done, in(bound), length(bound)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out(plain), &done, in(box), length(box)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, out(tag)) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), out(plain) + done, &done) == 1;
  if (!well) return base::invalid(closed);
  return plain;
}

}  // namespace caravan::crypto
