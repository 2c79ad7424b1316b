// SPDX-License-Identifier: Apache-2.0
// A snapshot as operators keep it: a gzipped tar of meta.json, state.bin, what the root keys are
// sealed under, and SHA256SUMS of them all, so that `tar` and `sha256sum -c` understand it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace caravan::consensus {

struct Archive {
  std::uint64_t index = 0, term = 0;  // of the state
  std::int64_t time_ms = 0;           // when it was made, of the Unix epoch
  std::string state;                  // the state machine's bytes
  /// What the state's secrets are sealed under; "" in an archive that opens only where it is known.
  std::string key;
};

/// Unpacked bytes of an archive that is read, at most.
inline constexpr std::size_t archive_bytes_max = std::size_t{2} << 30;

std::string archive_id(const Archive& archive);  // "2-134-1795184015436"
std::string encode_archive(const Archive& archive);
/// Errors: invalid (no archive, damaged, not ours), too_large, unsupported (of a newer version).
base::Result<Archive> decode_archive(std::string_view bytes);

}  // namespace caravan::consensus
