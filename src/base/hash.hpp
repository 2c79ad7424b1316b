// SPDX-License-Identifier: Apache-2.0
// A 64-bit hash that is the same on every machine and in every version: state hashes are compared
// between servers and with those of snapshots. Not for secrets and not against attackers.
#pragma once

#include <cstdint>
#include <string_view>

namespace caravan::base {

/// FNV-1a over the bytes, then a finalizer (MurmurHash3's) so that sums of hashes spread.
constexpr std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0) {
  std::uint64_t h = 0xcbf29ce484222325ULL ^ seed;
  for (const char c : bytes)
    h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  h = (h ^ h >> 33) * 0xff51afd7ed558ccdULL;
  h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53ULL;
  return h ^ h >> 33;
}

}  // namespace caravan::base
