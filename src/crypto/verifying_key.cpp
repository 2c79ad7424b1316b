// SPDX-License-Identifier: Apache-2.0
#include "crypto/verifying_key.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::crypto {
namespace {

constexpr int rsa_bits_min = 2048, rsa_bits_max = 8192;
constexpr std::size_t keys_max = 64;
constexpr std::size_t ed25519_bytes = 32;

template <auto free>
struct Free {
  template <class T>
  void operator()(T* thing) const {
    free(thing);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using Maker = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

enum class Kind { rsa, rsa_pss, ec, ed25519 };

struct Algorithm {
  std::string_view name;
  Kind kind;
  const EVP_MD* (*hash)();   // null: its own
  std::string_view curve;    // of EC, as OpenSSL calls it
  std::size_t number_bytes;  // of EC: how long r and s are
};

constexpr std::array<Algorithm, 10> algorithms = {{
    {"RS256", Kind::rsa, EVP_sha256, "", 0},
    {"RS384", Kind::rsa, EVP_sha384, "", 0},
    {"RS512", Kind::rsa, EVP_sha512, "", 0},
    {"PS256", Kind::rsa_pss, EVP_sha256, "", 0},
    {"PS384", Kind::rsa_pss, EVP_sha384, "", 0},
    {"PS512", Kind::rsa_pss, EVP_sha512, "", 0},
    {"ES256", Kind::ec, EVP_sha256, "prime256v1", 32},
    {"ES384", Kind::ec, EVP_sha384, "secp384r1", 48},
    {"ES512", Kind::ec, EVP_sha512, "secp521r1", 66},
    {"EdDSA", Kind::ed25519, nullptr, "", 0},
}};

const Algorithm* algorithm_named(std::string_view name) {
  const auto* found = std::ranges::find(algorithms, name, &Algorithm::name);
  return found == algorithms.end() ? nullptr : found;
}

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string curve_of(EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t length = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(),
                                     &length) != 1)
    return "";
  return {name.data(), length};
}

/// Each is a number or a text of a key that is made of its parts.
class Parts {
 public:
  Parts() : builder_(OSSL_PARAM_BLD_new()) {}
  void number(const char* name, std::string_view bytes) {
    numbers_.emplace_back(BN_bin2bn(in(bytes), static_cast<int>(bytes.size()), nullptr));
    OSSL_PARAM_BLD_push_BN(builder_.get(), name, numbers_.back().get());
  }
  void text(const char* name, const char* text) {
    OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, text, 0);
  }
  /// The bytes have to live until make().
  void bytes(const char* name, const std::string& bytes) {
    OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, bytes.data(), bytes.size());
  }
  /// Null when they do not make a key: a point that is not on its curve, for one.
  Pkey make(const char* kind) const {
    const Params params(OSSL_PARAM_BLD_to_param(builder_.get()));
    const Maker maker(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
    EVP_PKEY* key = nullptr;
    if (params && maker && EVP_PKEY_fromdata_init(maker.get()) == 1)
      EVP_PKEY_fromdata(maker.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get());
    ERR_clear_error();
    return Pkey(key);
  }

 private:
  Builder builder_;
  std::vector<Number> numbers_;  // the builder only points at them
};

base::Result<Pkey> rsa_of(const json::Object& jwk) {
  TRY(const std::string modulus, base64url_decode(jwk.text_at("n")));
  TRY(const std::string exponent, base64url_decode(jwk.text_at("e")));
  if (modulus.empty() || exponent.empty() || modulus.size() * 8 > rsa_bits_max ||
      exponent.size() > 8)
    return base::invalid("an RSA key is damaged");
  Parts parts;
  parts.number(OSSL_PKEY_PARAM_RSA_N, modulus);
  parts.number(OSSL_PKEY_PARAM_RSA_E, exponent);
  return parts.make("RSA");
}

base::Result<Pkey> ec_of(const json::Object& jwk) {
  const std::string curve = jwk.text_at("crv");
  const std::string_view name = curve == "P-256"   ? "ES256"
                                : curve == "P-384" ? "ES384"
                                : curve == "P-521" ? "ES512"
                                                   : "";
  const Algorithm* algorithm = algorithm_named(name);
  if (!algorithm) return base::invalid("a key is on a curve that is not known here");
  TRY(const std::string x, base64url_decode(jwk.text_at("x")));
  TRY(const std::string y, base64url_decode(jwk.text_at("y")));
  if (x.size() != algorithm->number_bytes || y.size() != algorithm->number_bytes)
    return base::invalid("an EC key is damaged");
  const std::string point = "\x04" + x + y;
  Parts parts;
  parts.text(OSSL_PKEY_PARAM_GROUP_NAME, algorithm->curve.data());
  parts.bytes(OSSL_PKEY_PARAM_PUB_KEY, point);
  return parts.make("EC");
}

base::Result<Pkey> ed25519_of(const json::Object& jwk) {
  TRY(const std::string x, base64url_decode(jwk.text_at("x")));
  if (jwk.text_at("crv") != "Ed25519" || x.size() != ed25519_bytes)
    return base::invalid("a key is on a curve that is not known here");
  return Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, in(x), x.size()));
}

base::Status check_kind(EVP_PKEY* key) {
  if (key == nullptr) return base::invalid("a public key is damaged");
  const int kind = EVP_PKEY_get_base_id(key);
  if (kind == EVP_PKEY_RSA) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < rsa_bits_min || bits > rsa_bits_max)
      return base::invalid(fmt::format("an RSA key of {} bits: {} to {} are accepted", bits,
                                       rsa_bits_min, rsa_bits_max));
    return {};
  }
  if (kind == EVP_PKEY_ED25519) return {};
  const auto is_curve = [curve = curve_of(key)](const Algorithm& algorithm) {
    return algorithm.kind == Kind::ec && algorithm.curve == curve;
  };
  if (kind == EVP_PKEY_EC && std::ranges::any_of(algorithms, is_curve)) return {};
  return base::invalid("a public key is of a kind that signs no tokens here");
}

/// From the two numbers one after the other, as tokens have them, to ASN.1.
std::string to_der(std::string_view signature, std::size_t number_bytes) {
  if (signature.size() != 2 * number_bytes) return "";
  const Signature numbers(ECDSA_SIG_new());
  const int length = static_cast<int>(number_bytes);
  ECDSA_SIG_set0(numbers.get(), BN_bin2bn(in(signature), length, nullptr),
                 BN_bin2bn(in(signature.substr(number_bytes)), length, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(numbers.get(), &der);
  std::string bytes;
  if (size > 0) bytes.assign(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

struct VerifyingKey::Key {
  explicit Key(Pkey key) : pkey(std::move(key)) {}
  EVP_PKEY* get() const { return pkey.get(); }
  Pkey pkey;
};

base::Result<VerifyingKey> VerifyingKey::from_pem(std::string_view pem) {
  const auto reader = [&] {
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  };
  Pkey key;
  if (pem.find("BEGIN CERTIFICATE") != std::string_view::npos) {
    const Certificate certificate(PEM_read_bio_X509(reader().get(), nullptr, nullptr, nullptr));
    if (certificate) key.reset(X509_get_pubkey(certificate.get()));
  } else {
    key.reset(PEM_read_bio_PUBKEY(reader().get(), nullptr, nullptr, nullptr));
  }
  ERR_clear_error();
  TRY_VOID(check_kind(key.get()));
  VerifyingKey made;
  made.key_ = std::make_shared<Key>(std::move(key));
  return made;
}

base::Result<VerifyingKey> VerifyingKey::from_jwk(const json::Object& jwk) {
  const std::string kind = jwk.text_at("kty");
  base::Result<Pkey> key = base::invalid("a key is of a kind that signs no tokens here");
  if (kind == "RSA") key = rsa_of(jwk);
  if (kind == "EC") key = ec_of(jwk);
  if (kind == "OKP") key = ed25519_of(jwk);
  if (!key) return std::unexpected(key.error());
  TRY_VOID(check_kind(key->get()));
  VerifyingKey made;
  made.key_ = std::make_shared<Key>(*std::move(key));
  made.id_ = jwk.text_at("kid");
  made.only_ = jwk.text_at("alg");
  return made;
}

bool VerifyingKey::speaks(std::string_view name) const {
  const Algorithm* algorithm = algorithm_named(name);
  if (!algorithm || (!only_.empty() && only_ != name)) return false;
  switch (EVP_PKEY_get_base_id(key_->get())) {
    case EVP_PKEY_RSA:
      return algorithm->kind == Kind::rsa || algorithm->kind == Kind::rsa_pss;
    case EVP_PKEY_EC:
      return algorithm->kind == Kind::ec && curve_of(key_->get()) == algorithm->curve;
    default:
      return algorithm->kind == Kind::ed25519;
  }
}

bool VerifyingKey::verifies(std::string_view name, std::string_view bytes,
                            std::string_view signature) const {
  if (!speaks(name)) return false;
  const Algorithm& algorithm = *algorithm_named(name);
  std::string der;
  if (algorithm.kind == Kind::ec) signature = der = to_der(signature, algorithm.number_bytes);
  const Digest digest(EVP_MD_CTX_new());
  const EVP_MD* hash = algorithm.hash ? algorithm.hash() : nullptr;
  EVP_PKEY_CTX* how = nullptr;  // the digest's
  bool done = EVP_DigestVerifyInit(digest.get(), &how, hash, nullptr, key_->get()) == 1;
  if (done && algorithm.kind == Kind::rsa_pss)
    done = EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1;
  done = done && EVP_DigestVerify(digest.get(), in(signature), signature.size(), in(bytes),
                                  bytes.size()) == 1;
  ERR_clear_error();
  return done;
}

base::Result<KeySet> KeySet::from_jwks(const json::Value& document) {
  const json::Array* list = document.at("keys").as_array();
  if (!list) return base::invalid("not a JSON Web Key Set: it has no list of keys");
  if (list->size() > keys_max)
    return base::invalid(
        fmt::format("a JSON Web Key Set of {} keys: at most {} are read", list->size(), keys_max));
  std::vector<VerifyingKey> keys;
  for (const json::Value& each : *list) {
    const json::Object* jwk = each.as_object();
    if (!jwk) continue;
    if (const std::string use = jwk->text_at("use"); !use.empty() && use != "sig") continue;
    if (base::Result<VerifyingKey> key = VerifyingKey::from_jwk(*jwk))
      keys.push_back(*std::move(key));
  }
  if (keys.empty()) return base::invalid("a JSON Web Key Set without a key that can be used");
  return KeySet(std::move(keys));
}

base::Result<KeySet> KeySet::from_pems(const std::vector<std::string>& pems) {
  std::vector<VerifyingKey> keys;
  for (const std::string& pem : pems) {
    base::Result<VerifyingKey> key = VerifyingKey::from_pem(pem);
    if (!key) return base::invalid(fmt::format("key {}: {}", keys.size(), key.error().message));
    keys.push_back(*std::move(key));
  }
  return KeySet(std::move(keys));
}

bool KeySet::knows(const Jwt& jwt) const {
  return jwt.key_id.empty() || std::ranges::any_of(keys_, [&](const VerifyingKey& key) {
           return key.id().empty() || key.id() == jwt.key_id;
         });
}

base::Status KeySet::check(const Jwt& jwt, const std::vector<std::string>& allowed) const {
  const auto refused = [](std::string why) { return base::fail(base::Code::denied, why); };
  if (std::ranges::find(allowed, jwt.algorithm) == allowed.end())
    return refused(
        fmt::format("it is signed by {}, and accepted are {}",
                    jwt.algorithm.empty() ? "no algorithm" : base::printable(jwt.algorithm, 16),
                    base::join(allowed, ", ")));
  std::vector<const VerifyingKey*> fit;
  bool have_names = false;
  for (const VerifyingKey& key : keys_) {
    if (!key.speaks(jwt.algorithm)) continue;
    if (!jwt.key_id.empty() && !key.id().empty() && key.id() != jwt.key_id) continue;
    have_names = have_names || !key.id().empty();
    fit.push_back(&key);
  }
  if (fit.empty())
    return refused(fmt::format("no key with the id (kid) \"{}\" signs by {}",
                               base::printable(jwt.key_id, 64), jwt.algorithm));
  if (jwt.key_id.empty() && have_names && fit.size() > 1)
    return refused(
        fmt::format("it does not say by which of {} keys it is signed (kid)", fit.size()));
  for (const VerifyingKey* key : fit)
    if (key->verifies(jwt.algorithm, jwt.signed_part, jwt.signature)) return {};
  return refused("its signature is wrong");
}

}  // namespace caravan::crypto
