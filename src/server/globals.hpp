// SPDX-License-Identifier: Apache-2.0
// Tells leaders of other regions what is one for all of them, where this region is the
// authoritative one.
#pragma once

#include "io/task.hpp"
#include "io/world.hpp"
#include "server/proposals.hpp"
#include "server/watches.hpp"
#include "wire/globals.hpp"

namespace caravan::server {

/// All that is one for all regions, in the order of its keys. Pure.
wire::Globals globals_of(const state::Tables& tables, bool has_access_control);

class Globals {
 public:
  /// References outlive it.
  Globals(io::World& world, state::Store& store, Watches& watches, Proposals& proposals,
          bool has_access_control)
      : world_(world),
        store_(store),
        watches_(watches),
        proposals_(proposals),
        has_access_control_(has_access_control) {}

  /// Answers a GlobalsRequest, on the leader. Errors: denied (its token is not one of management),
  /// unavailable (this server does not lead).
  io::Task<base::Result<std::string>> answer(std::string request) const;

 private:
  base::Status admit(const state::Tables& tables, const std::string& secret) const;

  io::World& world_;
  state::Store& store_;
  Watches& watches_;
  Proposals& proposals_;
  const bool has_access_control_;
};

}  // namespace caravan::server
