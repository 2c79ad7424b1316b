// SPDX-License-Identifier: Apache-2.0
// A token that lets one kind of machine into a cluster, for a while. It says by itself what it is
// for, until when, and which authority the cluster has, so that a newcomer knows whom to believe
// before it has told anybody anything; nothing is remembered of it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace caravan::keyring {

struct JoinToken {
  bool is_server = false;  // else a client: it may run work, and see no secret of the servers
  base::Instant expires;   // in whole seconds
  std::string authority;   // fingerprint() of its certificate
  std::string nonce;       // 4 random bytes
};

/// 16 bytes, of a certificate in PEM form.
std::string fingerprint(std::string_view certificate);

/// "caravan-join-" and 60 letters. `secret`: the authority's key, in PEM form.
std::string mint(const JoinToken& token, std::string_view secret);
/// What it says; not whether that is true. Errors: invalid.
base::Result<JoinToken> read_join_token(std::string_view text);
/// Whether it was minted with that secret.
bool is_genuine(std::string_view text, std::string_view secret);

}  // namespace caravan::keyring
