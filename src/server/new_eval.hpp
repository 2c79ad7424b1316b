// SPDX-License-Identifier: Apache-2.0
// Evaluations as the server's parts make them.
#pragma once

#include "io/random.hpp"
#include "state/tables.hpp"

namespace caravan::server {

model::Evaluation new_eval(io::Random& random, const model::Job& job,
                           std::string_view triggered_by);

/// For a node that came, went, or became (in)eligible: one evaluation for each job that runs there,
/// and one for each system or sysbatch job that might.
std::vector<model::Evaluation> evals_for_node(io::Random& random, const state::Tables& tables,
                                              const base::NodeId& node);

}  // namespace caravan::server
