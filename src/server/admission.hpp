// SPDX-License-Identifier: Apache-2.0
// What the cluster's own settings say about a job that somebody submits, besides what is wrong with
// the job itself. Pure.
#pragma once

#include "base/result.hpp"
#include "io/random.hpp"
#include "state/tables.hpp"

namespace caravan::server {

/// Errors: denied while operators let no job in, dispatches and scaling included.
base::Status check_open(const state::Tables& tables);

/// Whether the job's namespace and pool are there and take it. A job in the pool "default" goes to
/// the one that its namespace has for such jobs. Errors: invalid.
base::Status admit(const state::Tables& tables, model::Job& job);

/// Scaling policies keep the identity that the running job gave them; `random` names new ones, and
/// without it they stay nameless, for dry runs.
void name_policies(const model::Job* current, model::Job& job, io::Random* random);

}  // namespace caravan::server
