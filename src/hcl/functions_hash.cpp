// SPDX-License-Identifier: Apache-2.0
#include <crypt.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fmt/core.h>

#include "base/id.hpp"
#include "base/text.hpp"
#include "hcl/functions.hpp"

namespace caravan::hcl {
namespace {

using base::Result;

template <class T, void (*release)(T*)>
struct Releaser {
  void operator()(T* t) const { release(t); }
};
using Key = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY, EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using KeyDecoder =
    std::unique_ptr<OSSL_DECODER_CTX, Releaser<OSSL_DECODER_CTX, OSSL_DECODER_CTX_free>>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string digest(const char* algorithm, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, algorithm, nullptr, text.data(), text.size(), out, &size) != 1)
    return {};
  return {reinterpret_cast<char*>(out), size};
}

Result<Value> hex_digest(const char* algorithm, const Arguments& a) {
  const std::string bytes = digest(algorithm, a.text(0));
  if (bytes.empty()) return base::invalid(fmt::format("{} is not available", algorithm));
  return Value(base::to_hex(bytes));
}
Result<Value> md5(const Arguments& a) { return hex_digest("MD5", a); }
Result<Value> sha1(const Arguments& a) { return hex_digest("SHA1", a); }
Result<Value> sha256(const Arguments& a) { return hex_digest("SHA256", a); }
Result<Value> sha512(const Arguments& a) { return hex_digest("SHA512", a); }

Result<Value> bcrypt(const Arguments& a) {
  constexpr std::int64_t cost_default = 10;
  constexpr std::int64_t cost_max = 14;  // about a second; the algorithm would allow 31
  const std::int64_t cost = a.size() > 1 ? a.integer(1) : cost_default;
  if (cost < 4 || cost > cost_max)
    return base::invalid(fmt::format("cost {} is outside 4..{}", cost, cost_max));
  if (a.outside().entropy == nullptr) return base::invalid("no source of randomness here");
  if (a.text(0).size() > 72) return base::invalid("the text is longer than 72 bytes");
  std::array<std::uint8_t, 16> salt{};
  a.outside().entropy->fill(salt);
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  const auto* random = reinterpret_cast<const char*>(salt.data());
  if (crypt_gensalt_rn("$2a$", static_cast<unsigned long>(cost), random, salt.size(), setting,
                       sizeof setting) == nullptr)
    return base::invalid("bcrypt is not available");
  const auto state = std::make_unique<crypt_data>();
  const char* hashed = crypt_r(a.text(0).c_str(), setting, state.get());
  if (hashed == nullptr || hashed[0] == '*') return base::invalid("bcrypt is not available");
  return Value(hashed);
}

Result<Value> rsadecrypt(const Arguments& a) {
  TRY(const std::string cipher, base::base64_decode(a.text(0)));
  const std::string& pem = a.text(1);
  EVP_PKEY* raw = nullptr;
  const KeyDecoder decoder(OSSL_DECODER_CTX_new_for_pkey(&raw, "PEM", nullptr, "RSA",
                                                         EVP_PKEY_KEYPAIR, nullptr, nullptr));
  const unsigned char* at = bytes_of(pem);
  std::size_t left = pem.size();
  const bool read = decoder && OSSL_DECODER_from_data(decoder.get(), &at, &left) == 1;
  const Key key(raw);
  if (!read || !key) return base::invalid("the key is not a PEM-encoded RSA private key");
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  std::size_t size = 0;
  if (!context || EVP_PKEY_decrypt_init(context.get()) != 1 ||
      EVP_PKEY_decrypt(context.get(), nullptr, &size, bytes_of(cipher), cipher.size()) != 1)
    return base::invalid("failed to decrypt");
  std::string plain(size, '\0');
  if (EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(plain.data()), &size,
                       bytes_of(cipher), cipher.size()) != 1)
    return base::invalid("failed to decrypt");
  plain.resize(size);
  if (!base::is_utf8(plain)) return base::invalid("the result is not valid UTF-8 text");
  return Value(std::move(plain));
}

Result<Value> uuidv4(const Arguments& a) {
  if (a.outside().entropy == nullptr) return base::invalid("no source of randomness here");
  std::array<std::uint8_t, 16> bytes{};
  a.outside().entropy->fill(bytes);
  return Value(base::Uuid::from_random(bytes).to_string());
}

Result<Value> uuidv5(const Arguments& a) {
  // RFC 4122 appendix C; they differ in their fourth byte only.
  constexpr std::pair<std::string_view, const char*> known[] = {
      {"dns", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
      {"url", "6ba7b811-9dad-11d1-80b4-00c04fd430c8"},
      {"oid", "6ba7b812-9dad-11d1-80b4-00c04fd430c8"},
      {"x500", "6ba7b814-9dad-11d1-80b4-00c04fd430c8"}};
  std::string space = a.text(0);
  for (const auto& [name, id] : known)
    if (space == name) space = id;
  TRY(const base::Uuid parsed, base::Uuid::parse(space));
  const std::string prefix(reinterpret_cast<const char*>(parsed.bytes.data()), 16);
  const std::string hash = digest("SHA1", prefix + a.text(1));
  if (hash.size() < 16) return base::invalid("SHA1 is not available");
  base::Uuid made;
  std::memcpy(made.bytes.data(), hash.data(), 16);
  made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0f) | 0x50);
  made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3f) | 0x80);
  return Value(made.to_string());
}

constexpr Function rows[] = {
    {"bcrypt", "str:s cost:i?", bcrypt},
    {"md5", "str:s", md5},
    {"rsadecrypt", "ciphertext:s key:s", rsadecrypt},
    {"sha1", "str:s", sha1},
    {"sha256", "str:s", sha256},
    {"sha512", "str:s", sha512},
    {"uuidv4", "", uuidv4},
    {"uuidv5", "namespace:s name:s", uuidv5},
};

}  // namespace

std::span<const Function> hash_functions() { return rows; }

}  // namespace caravan::hcl
