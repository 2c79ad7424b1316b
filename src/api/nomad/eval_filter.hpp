// SPDX-License-Identifier: Apache-2.0
// Evaluations by what is true of them, and by what led to them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "state/tables.hpp"

namespace caravan::api::nomad {

/// Those of the namespaces that are asked for that a filter expression matches; "" matches all.
/// Errors: invalid (the expression).
base::Result<std::vector<base::EvalId>> matching_evals(
    const state::Tables& tables, const std::function<bool(const std::string&)>& in,
    const std::string& expression);

/// The others that led to it or followed from it, in the order in which they were made.
std::vector<state::Ref<model::Evaluation>> related_evals(const state::Tables& tables,
                                                         const model::Evaluation& eval);

}  // namespace caravan::api::nomad
