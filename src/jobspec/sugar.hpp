// SPDX-License-Identifier: Apache-2.0
// Shorthands of the job language, undone. Each works on the JSON of one block after its rows are
// read.
#pragma once

#include "json/value.hpp"

namespace caravan::jobspec {

// For schemas; false drops the block.
bool finish_constraint(json::Object& constraint);
bool finish_network(json::Object& network);
bool finish_group_scaling(json::Object& scaling);
bool finish_task_scaling(json::Object& scaling);
bool finish_logs(json::Object& logs);
bool finish_vault(json::Object& vault);
bool finish_task(json::Object& task);
bool finish_group(json::Object& group);

/// Lone tasks become groups; the job's `vault` and `secret` go to the tasks.
void finish_job(json::Object& job);

}  // namespace caravan::jobspec
