// SPDX-License-Identifier: Apache-2.0
// depends_on: what has to be healthy before a task, a group or a job starts for the first time
// (docs/adr/0016-depends-on.md). Ours; the peers order tasks by lifecycle only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/job.hpp"

namespace caravan::model {

/// Name → the names that it depends on.
using Dependencies = std::map<std::string, std::vector<std::string>>;

/// The names on a way around, the first one again at the end; empty when there is none.
std::vector<std::string> find_cycle(const Dependencies& dependencies);

/// "a -> b -> a".
std::string cycle_text(const std::vector<std::string>& cycle);

/// What is wrong with the dependencies within a job, each with its path.
std::vector<std::string> dependency_complaints(const Job& job);

}  // namespace caravan::model
