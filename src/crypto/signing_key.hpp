// SPDX-License-Identifier: Apache-2.0
// A key pair that signs tokens, and its public half as the rest of the world reads it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::crypto {

/// RS256 is what every verifier understands; EdDSA is small, fast, and made of 32 given bytes.
enum class SigningAlgorithm { rs256, eddsa };

class SigningKey {
 public:
  /// RSA of 2048 bits, drawn by OpenSSL itself. Takes around 100 ms: not on a lane that others wait
  /// for.
  static SigningKey make_rsa();
  /// Ed25519. Precondition: `seed` has 32 bytes.
  static SigningKey from_seed(std::string_view seed);
  /// Reads PKCS#8 in DER. Errors: invalid (damaged, or of another kind).
  static base::Result<SigningKey> from_pkcs8(std::string_view der);
  /// Reads the public half alone; sign() is then not allowed. Errors: invalid.
  static base::Result<SigningKey> from_public_pem(std::string_view pem);

  SigningAlgorithm algorithm() const;
  std::string to_pkcs8() const;
  std::string public_pem() const;
  /// The raw signature, as a JSON Web Signature carries it.
  std::string sign(std::string_view bytes) const;
  bool verifies(std::string_view bytes, std::string_view signature) const;
  /// RFC 7517: kty, alg, use "sig" and the public numbers; `id` becomes "kid".
  json::Object jwk(const std::string& id) const;

 private:
  struct Key;
  explicit SigningKey(std::shared_ptr<const Key> key) : key_(std::move(key)) {}
  std::shared_ptr<const Key> key_;
};

}  // namespace caravan::crypto
