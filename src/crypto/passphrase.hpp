// SPDX-License-Identifier: Apache-2.0
// A key of words that a person chose: slow to try, whoever has the box.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace caravan::crypto {

inline constexpr std::size_t salt_bytes = 16;

/// 32 bytes, by scrypt with 32 MB and a tenth of a second. Errors: internal (no memory).
base::Result<std::string> key_of_passphrase(std::string_view passphrase, std::string_view salt);

}  // namespace caravan::crypto
