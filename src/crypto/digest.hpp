// SPDX-License-Identifier: Apache-2.0
// Fingerprints of bytes, and comparing secrets without telling how much of them is right.
#pragma once

#include <string>
#include <string_view>

namespace caravan::crypto {

/// 32 bytes.
std::string sha256(std::string_view bytes);

/// 32 bytes: the fingerprint of bytes that nobody can make, or guess at, without the key (RFC
/// 2104).
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Takes as long for strings that differ at once as for equal ones. Their lengths are no secret.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace caravan::crypto
