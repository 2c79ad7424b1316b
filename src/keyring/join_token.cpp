// SPDX-License-Identifier: Apache-2.0
#include "keyring/join_token.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "crypto/certificate.hpp"
#include "crypto/digest.hpp"

namespace caravan::keyring {
namespace {

constexpr std::string_view prefix = "caravan-join-";
constexpr std::string_view for_server = "S", for_client = "C";
constexpr std::size_t time_bytes = 8, nonce_bytes = 4, authority_bytes = 16, proof_bytes = 16;
constexpr std::size_t said_bytes = 1 + time_bytes + nonce_bytes + authority_bytes;
static_assert((said_bytes + proof_bytes) % 3 == 0, "base64 without padding");

std::string said(const JoinToken& token) {
  std::string bytes(token.is_server ? for_server : for_client);
  const auto seconds = static_cast<std::uint64_t>(token.expires.unix_ns / 1'000'000'000);
  for (std::size_t i = 0; i < time_bytes; ++i)
    bytes += static_cast<char>(seconds >> (8 * (time_bytes - 1 - i)));
  return bytes + token.nonce + token.authority;
}

std::string proof_of(std::string_view said, std::string_view secret) {
  return crypto::derive_key(secret, "join token " + std::string(said)).substr(0, proof_bytes);
}

/// What is said, and the proof behind it. Errors: invalid.
base::Result<std::string> bytes_of(std::string_view text) {
  if (text.starts_with(prefix)) {
    std::string letters(text.substr(prefix.size()));
    std::ranges::replace(letters, '-', '+');
    std::ranges::replace(letters, '_', '/');
    const auto bytes = base::base64_decode(letters);
    if (bytes && bytes->size() == said_bytes + proof_bytes) return bytes;
  }
  return base::invalid(
      "this is no join token: one begins with \"caravan-join-\" and is made by operator init or "
      "operator join-token");
}

}  // namespace

std::string fingerprint(std::string_view certificate) {
  return crypto::sha256(certificate).substr(0, authority_bytes);
}

std::string mint(const JoinToken& token, std::string_view secret) {
  const std::string bytes = said(token);
  return std::string(prefix) + base::base64url_encode(bytes + proof_of(bytes, secret));
}

base::Result<JoinToken> read_join_token(std::string_view text) {
  TRY(const std::string bytes, bytes_of(text));
  JoinToken token;
  token.is_server = bytes.starts_with(for_server);
  if (!token.is_server && !bytes.starts_with(for_client))
    return base::invalid("this join token is for a role that this version does not know");
  std::uint64_t seconds = 0;
  for (std::size_t i = 0; i < time_bytes; ++i)
    seconds = seconds << 8 | static_cast<unsigned char>(bytes[1 + i]);
  constexpr std::uint64_t seconds_max = 9'000'000'000;  // what nanoseconds in 64 bits can say
  if (seconds > seconds_max) return base::invalid("this join token says a time that cannot be");
  token.expires = {static_cast<std::int64_t>(seconds) * 1'000'000'000};
  token.nonce = bytes.substr(1 + time_bytes, nonce_bytes);
  token.authority = bytes.substr(1 + time_bytes + nonce_bytes, authority_bytes);
  return token;
}

bool is_genuine(std::string_view text, std::string_view secret) {
  const base::Result<std::string> bytes = bytes_of(text);
  return bytes && crypto::same_secret(bytes->substr(said_bytes),
                                      proof_of(bytes->substr(0, said_bytes), secret));
}

}  // namespace caravan::keyring
