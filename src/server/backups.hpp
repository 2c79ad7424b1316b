// SPDX-License-Identifier: Apache-2.0
// The state in one file, and back: what operators save outside of the cluster, to begin again from
// when nothing else is left.
#pragma once

#include "consensus/archive.hpp"
#include "server/keys.hpp"

namespace caravan::server {

class Backups {
 public:
  Backups(io::World& world, state::Store& store, Proposals& proposals,
          const consensus::Replica& replica, const Keys& keys)
      : world_(world), store_(store), proposals_(proposals), replica_(replica), keys_(keys) {}

  /// The newest state here, as an archive. With the key that its secrets are sealed under, unless
  /// `redacted`: then it can only be restored where that key is known.
  io::Task<base::Result<std::string>> save(bool redacted);
  /// The archive's state takes the place of the cluster's. Returns the index of that. Errors:
  /// invalid (damaged, or its secrets do not open), unsupported, those of a proposal.
  io::Task<base::Result<std::uint64_t>> restore(std::string archive);

 private:
  static io::Task<std::string> encode(state::Snapshot tables, consensus::Archive archive);
  /// The state's bytes, with the secrets sealed under this cluster's own key.
  io::Task<base::Result<std::string>> adapted(std::string archive) const;
  base::Status seal_anew(state::Tables& tables, const std::string& key) const;

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  const consensus::Replica& replica_;
  const Keys& keys_;
};

}  // namespace caravan::server
