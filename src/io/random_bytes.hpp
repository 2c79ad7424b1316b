// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "io/random.hpp"

namespace caravan::io {

/// As many random bytes as a key, a nonce or a serial number needs.
std::string random_bytes(Random& random, std::size_t count);

}  // namespace caravan::io
