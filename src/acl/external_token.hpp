// SPDX-License-Identifier: Apache-2.0
// What a token of somebody else's says, once it is known that it may be believed. Pure: keys and
// the time come from the caller.
#pragma once

#include <string>
#include <string_view>

#include "crypto/verifying_key.hpp"
#include "model/auth_method.hpp"

namespace caravan::acl {

/// Besides what the method says.
struct Expected {
  std::string issuer;    // what the provider calls itself; "": whoever the method names
  std::string audience;  // "": whichever the method names
  std::string nonce;     // of the login that was begun; "": none
};

/// The claims of a token that is signed by one of `keys` and meant for us, now. An end, or a
/// beginning, that it does not name follows from when it was issued. Errors: denied, with what is
/// wrong; never a part of the token but its algorithm, key id, issuer and audience.
base::Result<json::Object> check_external_token(const model::AuthMethod& method,
                                                const Expected& expected,
                                                const crypto::KeySet& keys, std::string_view token,
                                                base::Instant now);

/// By which algorithms tokens of the method may be signed: what it names, or RS256.
std::vector<std::string> accepted_algorithms(const model::AuthMethodConfig& config);

/// What is wrong with the keys and authorities in the method's configuration, "" when nothing is.
std::string unreadable_keys(const model::AuthMethodConfig& config);

}  // namespace caravan::acl
