// SPDX-License-Identifier: Apache-2.0
// The tokens of tasks that were verified of late. A task sends the same one with each request, and
// looking at its signature costs far more than all else that is done for a short answer.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "keyring/identity.hpp"

namespace caravan::keyring {

/// Tokens that are kept; when there are more, all are forgotten and verified again.
inline constexpr std::size_t proofs_max = 4096;

/// Any thread.
class ProofCache {
 public:
  explicit ProofCache(std::size_t most = proofs_max) : most_(most) {}
  /// As prove_identity(). Only what was proven under the very keys of `tables` counts, so a key
  /// that is removed ends its tokens at once; of a token only its digest is kept.
  base::Result<IdentityProof> prove(const state::Tables& tables, std::string_view text);

 private:
  const std::size_t most_;
  std::mutex mutex_;  // guards what follows
  std::uint64_t keys_index_ = 0;
  std::unordered_map<std::string, IdentityProof> known_;  // by the token's SHA-256
};

}  // namespace caravan::keyring
