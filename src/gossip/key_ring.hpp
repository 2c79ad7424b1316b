// SPDX-License-Identifier: Apache-2.0
// The keys that gossip is sealed with. The first one seals, each of them opens: so a new key is
// installed on all members, then used by all, and then the old one is removed, and nobody is lost
// on the way. Without keys nothing is sealed, and whoever reaches the port is believed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "io/random.hpp"

namespace caravan::gossip {

inline constexpr std::size_t keys_max = 16;
/// Added to a message by sealing it.
inline constexpr std::size_t seal_bytes = 1 + 12 + 16;

class KeyRing {
 public:
  KeyRing() = default;
  /// From base64, the one that seals first. Errors: invalid (a key that is none; too many).
  static base::Result<KeyRing> of(const std::vector<std::string>& keys);
  /// The JSON list of a keyring file. Errors: invalid.
  static base::Result<KeyRing> parse(std::string_view text);
  std::string to_text() const;

  bool empty() const { return keys_.empty(); }
  /// In base64, the one that seals first.
  std::vector<std::string> list() const;
  std::string primary() const;  // in base64; "" without keys

  /// Adds a key that opens; one that is there stays as it is. Errors: invalid (no key; this ring
  /// has none, and the others would no longer hear); too_large (keys_max).
  base::Status install(std::string_view key);
  /// From now on seals with this one. Errors: invalid, not_found (install it first).
  base::Status use(std::string_view key);
  /// Errors: invalid; conflict (it is the one that seals). One that is not there is removed
  /// already.
  base::Status remove(std::string_view key);

  /// `bound` is not inside, but the message opens only beside the same.
  std::string seal(std::string_view plain, std::string_view bound, io::Random& random) const;
  /// Errors: denied, in words that fit both sides, since the one that asked may be told.
  base::Result<std::string> open(std::string_view sealed, std::string_view bound) const;

 private:
  std::vector<std::string> keys_;  // bytes
};

/// Bytes of a key in base64. Errors: invalid (no base64; not 16, 24 or 32 bytes).
base::Result<std::string> parse_key(std::string_view text);

}  // namespace caravan::gossip
