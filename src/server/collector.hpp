// SPDX-License-Identifier: Apache-2.0
// Garbage collection: what is over and old leaves the state. Thresholds are the peers' defaults.
#pragma once

#include "io/log.hpp"
#include "io/task.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

struct CollectorConfig {
  base::Duration interval = base::Duration(300'000'000'000);
  base::Duration eval_threshold = base::Duration(3'600'000'000'000);
  base::Duration batch_eval_threshold = base::Duration(86'400'000'000'000);
  base::Duration job_threshold = base::Duration(14'400'000'000'000);
  base::Duration node_threshold = base::Duration(86'400'000'000'000);
  base::Duration deployment_threshold = base::Duration(3'600'000'000'000);
  base::Duration token_threshold = base::Duration(3'600'000'000'000);  // after it expired
};

/// Tokens that expired so long ago that they may go. Pure. `force` ignores the threshold.
wire::DeleteAclTokens expired_tokens(const state::Tables& tables, const CollectorConfig& config,
                                     base::Instant now, bool force);
/// What else may go at this time. Pure. `force` ignores the thresholds.
wire::Collect collectable(const state::Tables& tables, const CollectorConfig& config,
                          base::Instant now, bool force);

class Collector {
 public:
  Collector(io::World& world, state::Store& store, Proposals& proposals, CollectorConfig config,
            io::Logger log);
  void start();
  io::Task<void> stop();
  /// Once, now. Errors: those of a proposal.
  io::Task<base::Status> collect(bool force);

 private:
  io::Task<void> run();

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  CollectorConfig config_;
  io::Logger log_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
