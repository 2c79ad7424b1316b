// SPDX-License-Identifier: Apache-2.0
// What would happen if a job were submitted now: the scheduler is asked on a copy of the state, and
// nothing is written. Pure.
#pragma once

#include "model/diff.hpp"
#include "server/what_if.hpp"

namespace caravan::server {

struct DryRun {
  model::PlanAnnotations annotations;  // counts by group
  std::map<std::string, model::AllocMetric> failed_groups;
  std::optional<model::JobDiff> diff;
  std::uint64_t job_modify_index = 0;        // of the job as it is; 0 = there is none
  std::uint64_t index = 0;                   // of the state that was looked at
  std::optional<base::Instant> next_launch;  // of a periodic job, if it were submitted now
  std::string warnings;
  std::vector<Affected> others;  // jobs that the suppositions change
};

struct DryRunRequest {
  model::Job job;
  bool with_diff = false;
  std::vector<Supposition> suppositions;  // made before the job is submitted
};

/// Errors: invalid (what speaks against the job), as a submission would say it; or a supposition
/// that cannot be made. `fleet` may be at any state.
base::Result<DryRun> dry_run(const state::Tables& tables, scheduler::Fleet& fleet,
                             const DryRunRequest& request, base::Instant now);

}  // namespace caravan::server
