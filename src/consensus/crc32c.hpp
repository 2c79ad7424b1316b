// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of log frames and snapshot files.
#pragma once

#include <cstdint>
#include <string_view>

namespace caravan::consensus {

/// Continues from `crc`, so that crc32c("b", crc32c("a")) == crc32c("ab").
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace caravan::consensus
