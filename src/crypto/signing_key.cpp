// SPDX-License-Identifier: Apache-2.0
#include "crypto/signing_key.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace caravan::crypto {
namespace {

constexpr unsigned rsa_bits = 2048;
constexpr std::size_t seed_bytes = 32;

template <auto free>
struct Free {
  template <class T>
  void operator()(T* thing) const {
    free(thing);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string content(BIO* bio) {
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(length)};
}

/// A public number of an RSA key, as a token's reader expects it: big-endian, base64url.
std::string number(EVP_PKEY* key, const char* name) {
  BIGNUM* found = nullptr;
  ASSERT(EVP_PKEY_get_bn_param(key, name, &found) == 1);
  const std::unique_ptr<BIGNUM, Free<BN_free>> value(found);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(value.get())), '\0');
  BN_bn2bin(value.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return base::base64url_encode(bytes);
}

}  // namespace

struct SigningKey::Key {
  explicit Key(EVP_PKEY* key) : pkey(key) {}
  EVP_PKEY* get() const { return pkey.get(); }
  std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> pkey;
};

SigningKey SigningKey::make_rsa() {
  EVP_PKEY* key = EVP_RSA_gen(rsa_bits);
  ASSERT(key != nullptr);
  return SigningKey(std::make_shared<Key>(key));
}

SigningKey SigningKey::from_seed(std::string_view seed) {
  ASSERT(seed.size() == seed_bytes);
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, in(seed), seed.size());
  ASSERT(key != nullptr);
  return SigningKey(std::make_shared<Key>(key));
}

base::Result<SigningKey> SigningKey::from_pkcs8(std::string_view der) {
  const Bio bio(BIO_new_mem_buf(der.data(), static_cast<int>(der.size())));
  EVP_PKEY* key = d2i_PrivateKey_bio(bio.get(), nullptr);
  if (key == nullptr) return base::invalid("a signing key is damaged");
  return SigningKey(std::make_shared<Key>(key));
}

base::Result<SigningKey> SigningKey::from_public_pem(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EVP_PKEY* key = PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr);
  if (key == nullptr) return base::invalid("a public key is damaged");
  return SigningKey(std::make_shared<Key>(key));
}

SigningAlgorithm SigningKey::algorithm() const {
  return EVP_PKEY_get_base_id(key_->get()) == EVP_PKEY_RSA ? SigningAlgorithm::rs256
                                                           : SigningAlgorithm::eddsa;
}

std::string SigningKey::to_pkcs8() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  ASSERT(i2d_PKCS8PrivateKey_bio(bio.get(), key_->get(), nullptr, nullptr, 0, nullptr, nullptr));
  return content(bio.get());
}

std::string SigningKey::public_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  ASSERT(PEM_write_bio_PUBKEY(bio.get(), key_->get()) == 1);
  return content(bio.get());
}

std::string SigningKey::sign(std::string_view bytes) const {
  const Digest digest(EVP_MD_CTX_new());
  const EVP_MD* hash = algorithm() == SigningAlgorithm::rs256 ? EVP_sha256() : nullptr;
  std::size_t length = 0;
  ASSERT(EVP_DigestSignInit(digest.get(), nullptr, hash, nullptr, key_->get()) == 1);
  ASSERT(EVP_DigestSign(digest.get(), nullptr, &length, in(bytes), bytes.size()) == 1);
  std::string signature(length, '\0');
  ASSERT(EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                        in(bytes), bytes.size()) == 1);
  signature.resize(length);
  return signature;
}

bool SigningKey::verifies(std::string_view bytes, std::string_view signature) const {
  const Digest digest(EVP_MD_CTX_new());
  const EVP_MD* hash = algorithm() == SigningAlgorithm::rs256 ? EVP_sha256() : nullptr;
  return EVP_DigestVerifyInit(digest.get(), nullptr, hash, nullptr, key_->get()) == 1 &&
         EVP_DigestVerify(digest.get(), in(signature), signature.size(), in(bytes), bytes.size()) ==
             1;
}

json::Object SigningKey::jwk(const std::string& id) const {
  if (algorithm() == SigningAlgorithm::rs256)
    return {{"use", "sig"},
            {"kty", "RSA"},
            {"kid", id},
            {"alg", "RS256"},
            {"n", number(key_->get(), OSSL_PKEY_PARAM_RSA_N)},
            {"e", number(key_->get(), OSSL_PKEY_PARAM_RSA_E)}};
  std::string point(seed_bytes, '\0');
  std::size_t length = point.size();
  ASSERT(EVP_PKEY_get_raw_public_key(key_->get(), reinterpret_cast<unsigned char*>(point.data()),
                                     &length) == 1);
  return {{"use", "sig"},     {"kty", "OKP"},   {"kid", id},
          {"crv", "Ed25519"}, {"alg", "EdDSA"}, {"x", base::base64url_encode(point)}};
}

}  // namespace caravan::crypto
