// SPDX-License-Identifier: Apache-2.0
#include "keyring/proof_cache.hpp"

#include "crypto/digest.hpp"

namespace caravan::keyring {

base::Result<IdentityProof> ProofCache::prove(const state::Tables& tables, std::string_view text) {
  if (text.size() > crypto::jwt_bytes_max) return prove_identity(tables, text);  // says so
  const std::uint64_t keys_index = tables.index_of(state::Table::root_keys);
  const std::string digest = crypto::sha256(text);
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(digest);
    if (keys_index_ == keys_index && found != known_.end()) return found->second;
  }
  TRY(const IdentityProof proof, prove_identity(tables, text));
  const std::lock_guard lock(mutex_);
  if (keys_index_ != keys_index || known_.size() >= most_) known_.clear();
  keys_index_ = keys_index;
  known_[digest] = proof;
  return proof;
}

}  // namespace caravan::keyring
