// SPDX-License-Identifier: Apache-2.0
// The hash that shapes of the API carry, by which replicas are told to be equal.
#pragma once

#include <string>

#include "base/text.hpp"
#include "crypto/digest.hpp"
#include "wire/binary.hpp"

namespace caravan::api {

/// SHA-256 of what is replicated of it, in base64.
template <class Noun>
std::string content_hash(const Noun& noun) {
  return base::base64_encode(crypto::sha256(wire::encode(noun)));
}

}  // namespace caravan::api
