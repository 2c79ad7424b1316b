// SPDX-License-Identifier: Apache-2.0
// The public halves of all root keys, for whoever verifies our identities (RFC 7517).
#pragma once

#include "json/value.hpp"
#include "state/tables.hpp"

namespace caravan::keyring {

/// {"keys": […]}, of inactive keys too: what they signed may still be valid.
json::Object jwks(const state::Tables& tables);

}  // namespace caravan::keyring
