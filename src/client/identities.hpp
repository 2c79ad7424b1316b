// SPDX-License-Identifier: Apache-2.0
// The tokens by which a task proves what it is: asked of the servers before it starts, put where
// its job says, renewed when half of their time is over.
#pragma once

#include "client/alloc_dir.hpp"
#include "client/host.hpp"
#include "model/identity.hpp"

namespace caravan::client {

/// Who may read the files.
struct TokenFileMode {
  int uid = -1, gid = -1;  // the agent's
  unsigned mode = 0600;
};

class Identities {
 public:
  using Held = std::map<std::string, HeldToken>;

  /// References outlive it. `held`: what is known from before, and what is learned.
  Identities(Host& host, base::AllocId alloc, const model::Task& task, const AllocDir& dir,
             Held& held);

  /// The task is to find none.
  bool empty() const { return wanted_.empty(); }
  /// Whether one of them was never had.
  bool lacks() const;
  /// When the next one is to be renewed; nothing when none ever is.
  std::optional<base::Instant> due() const;
  /// Asks for those that are missing or due, and puts them into their files. Returns which those
  /// were. Errors: of the servers and of the way there, io (a file).
  io::Task<base::Result<std::vector<model::WorkloadIdentity>>> update(TokenFileMode files);
  /// All of them into their files. Errors: invalid (a path that leads out), io.
  base::Status write(TokenFileMode files) const;
  std::map<std::string, std::string> env() const;

 private:
  bool is_due(const std::string& name, base::Instant now) const;
  base::Status write_one(const model::WorkloadIdentity& identity, TokenFileMode files) const;

  Host& host_;
  const base::AllocId alloc_;
  const std::string task_;
  const std::vector<model::WorkloadIdentity> wanted_;
  const AllocDir& dir_;
  Held& held_;
};

}  // namespace caravan::client
