// SPDX-License-Identifier: Apache-2.0
// The schedulers: one for jobs that want a number of copies (service, batch), one for jobs that
// want a copy on every node (system, sysbatch).
#pragma once

#include "scheduler/plan.hpp"

namespace caravan::scheduler {

/// `fleet` is at `tables`.
Outcome schedule_counted(const state::Tables& tables, Fleet& fleet, const model::Evaluation& eval,
                         base::Instant now);
Outcome schedule_everywhere(const state::Tables& tables, Fleet& fleet,
                            const model::Evaluation& eval, base::Instant now);

/// A new allocation as both schedulers make it; the placement's node, ports and metrics are in it.
model::Allocation new_allocation(const state::Tables& tables, const model::Evaluation& eval,
                                 const state::Ref<model::Job>& job, const model::TaskGroup& group,
                                 int index, struct Placement placement, class IdSource& ids);

/// Adds to a plan what ends for a placement in it, and counts that for its group.
void preempt(Outcome& outcome, const model::Allocation& alloc,
             const std::vector<state::Ref<model::Allocation>>& victims);

/// They go on as unknown; an evaluation comes when they are to be given up.
void plan_silent(Outcome& outcome, const model::Evaluation& eval, struct GroupDiff& diff,
                 IdSource& ids);

/// An evaluation that comes due at `when`, for the same job.
model::Evaluation follow_up(const model::Evaluation& eval, std::string_view triggered_by,
                            base::Instant when, IdSource& ids);

}  // namespace caravan::scheduler
