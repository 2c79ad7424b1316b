// SPDX-License-Identifier: Apache-2.0
// How a rollout fails: what is written to the log when it does. A group with auto_revert takes the
// job back to its newest stable version. Pure but for the ids.
#pragma once

#include "io/random.hpp"
#include "state/tables.hpp"

namespace caravan::server {

/// The command that fails `deployment`, with its evaluation. `why` is the first half of the
/// description; the second says what becomes of auto_revert. The version that it goes back to, if
/// any, is `*reverted`.
wire::UpdateDeployment failing(io::Random& random, const state::Tables& tables,
                               const model::Deployment& deployment, const std::string& why,
                               std::optional<std::uint64_t>* reverted = nullptr);

}  // namespace caravan::server
