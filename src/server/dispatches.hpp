// SPDX-License-Identifier: Apache-2.0
// Makes a job from a parameterized one: one log entry for the child and its evaluation.
#pragma once

#include "server/children.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

struct DispatchReply {
  std::string job_id;
  base::EvalId eval_id;  // nil when the child is periodic, or was there already
  std::uint64_t eval_create_index = 0, job_create_index = 0, index = 0;
};

class Dispatches {
 public:
  Dispatches(io::World& world, state::Store& store, Proposals& proposals)
      : world_(world), store_(store), proposals_(proposals) {}

  /// A second dispatch with the same idempotency token returns the first one's job for as long as
  /// it is known. Errors: not_found, invalid, conflict (the parent went meanwhile), and those of a
  /// proposal.
  io::Task<base::Result<DispatchReply>> dispatch(base::JobId parent, DispatchRequest request);

 private:
  std::optional<DispatchReply> earlier(const base::JobId& parent, const std::string& token) const;

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
};

}  // namespace caravan::server
