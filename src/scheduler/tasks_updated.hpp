// SPDX-License-Identifier: Apache-2.0
// Does a change of the job need the tasks to start anew, or can the node take it as it runs?
#pragma once

#include "model/job.hpp"

namespace caravan::scheduler {

/// True when the group must be replaced: the list of public docs' "destructive" fields.
bool needs_replacement(const model::Job& before, const model::Job& after, const std::string& group);

}  // namespace caravan::scheduler
