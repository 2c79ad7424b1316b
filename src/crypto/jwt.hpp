// SPDX-License-Identifier: Apache-2.0
// JSON Web Tokens (RFC 7519) in the compact form of signatures (RFC 7515): claims that anybody can
// read, and that only the holder of a key can have made.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/signing_key.hpp"
#include "json/value.hpp"

namespace caravan::crypto {

/// No token is longer: it travels in the header of each request.
inline constexpr std::size_t jwt_bytes_max = 16 * 1024;

/// A token that was taken apart. Nothing in it is to be believed before is_signed_by().
struct Jwt {
  std::string algorithm, key_id;  // "alg" and "kid" of its header
  json::Object claims;
  std::string signed_part, signature;

  /// False also when its "alg" is not that of the key: the key decides, never the token.
  bool is_signed_by(const SigningKey& key) const;
};

/// `key_id` becomes "kid". "alg" follows from the key.
std::string sign_jwt(const SigningKey& key, const std::string& key_id, const json::Object& claims);

/// Errors: invalid (too long, not three parts of base64url, no JSON objects in them, or a "crit"
/// header: extensions that it demands are not known here).
base::Result<Jwt> parse_jwt(std::string_view text);

/// Strict: one text for each content, so that a token cannot be written in a second way. Errors:
/// invalid.
base::Result<std::string> base64url_decode(std::string_view text);

/// "RS256" or "EdDSA".
std::string_view algorithm_name(SigningAlgorithm algorithm);

}  // namespace caravan::crypto
