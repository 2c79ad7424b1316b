// SPDX-License-Identifier: Apache-2.0
// The public keys of somebody else who signs tokens, and whether one of them signed this one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/jwt.hpp"

namespace caravan::crypto {

class VerifyingKey {
 public:
  /// A public key, or a certificate, in PEM form. Errors: invalid (damaged, of a kind that signs no
  /// tokens, RSA outside 2048..8192 bits).
  static base::Result<VerifyingKey> from_pem(std::string_view pem);
  /// RFC 7517: RSA, EC on P-256, P-384 or P-521, Ed25519. Errors: as from_pem.
  static base::Result<VerifyingKey> from_jwk(const json::Object& jwk);

  /// "kid", or "".
  const std::string& id() const { return id_; }
  /// Whether a key of this kind signs by that algorithm (RFC 7518: RS256 …, PS256 …, ES256 …,
  /// EdDSA). So a token never makes one kind of key pass for another, and "none" and HS256 are no
  /// key's.
  bool speaks(std::string_view algorithm) const;
  /// False also when it does not speak the algorithm.
  bool verifies(std::string_view algorithm, std::string_view bytes,
                std::string_view signature) const;

 private:
  struct Key;
  std::shared_ptr<const Key> key_;
  std::string id_;
  std::string only_;  // "alg" of a JWK: the one algorithm that it is for
};

/// All the keys of one provider.
class KeySet {
 public:
  KeySet() = default;
  explicit KeySet(std::vector<VerifyingKey> keys) : keys_(std::move(keys)) {}
  /// {"keys": […]}. Those for other purposes, or of kinds that are not known here, are left out, as
  /// RFC 7517 has it. Errors: invalid (not such a document, more than 64 keys, none that can be
  /// used).
  static base::Result<KeySet> from_jwks(const json::Value& document);
  /// One after the other. Errors: invalid, with which it is.
  static base::Result<KeySet> from_pems(const std::vector<std::string>& pems);

  /// Whether there is a key with the token's "kid"; true for tokens that name none.
  bool knows(const Jwt& jwt) const;
  /// `allowed`: by which algorithms it may be signed. Errors: denied, with what is wrong: another
  /// algorithm, a key that is not here, none named where several could be meant, the signature.
  base::Status check(const Jwt& jwt, const std::vector<std::string>& allowed) const;

 private:
  std::vector<VerifyingKey> keys_;
};

}  // namespace caravan::crypto
