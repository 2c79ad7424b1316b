// SPDX-License-Identifier: Apache-2.0
// Prepared queries: written, changed and taken away. catalog asks them.
#pragma once

#include "io/task_fwd.hpp"
#include "io/world.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

class PreparedQueries {
 public:
  PreparedQueries(io::World& world, const state::Store& store, Proposals& proposals)
      : world_(world), store_(store), proposals_(proposals) {}

  /// Under an id that is drawn here. Errors: invalid (as catalog::check_query; its name is
  /// another's, its session is not there), busy (there are too many), and those of Proposals.
  io::Task<base::Result<base::Uuid>> create(model::PreparedQuery query);
  /// In place of the one of its id. Errors: the same, and not_found.
  io::Task<base::Status> update(model::PreparedQuery query);
  /// Errors: not_found, and those of Proposals.
  io::Task<base::Status> remove(base::Uuid id);

 private:
  io::Task<base::Status> put(model::PreparedQuery query, bool is_new);

  io::World& world_;
  const state::Store& store_;
  Proposals& proposals_;
};

}  // namespace caravan::server
