// SPDX-License-Identifier: Apache-2.0
// Constraints that nobody wrote and a job means all the same: what its groups use, a node must
// have.
#pragma once

#include "model/job.hpp"

namespace caravan::model {

/// Appends to each group what is not among its constraints yet, so that a job registered a second
/// time, as it was shown, is the same job: the CNI plugins behind network mode "bridge", and the
/// registry for services with provider "consul".
/// Source: the peers' admission of jobs (facts 3.4).
void add_implied_constraints(Job& job);

}  // namespace caravan::model
