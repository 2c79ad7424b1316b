// SPDX-License-Identifier: Apache-2.0
// Everything that changes the cluster. A command says what happened, with the time, the ids and the
// random bytes in it: `state` applies it and draws none. A command's kind is its place in the
// variant and, like a field's number, is for ever: new ones go to the end.
#pragma once

#include <string>
#include <variant>

#include "wire/alloc_commands.hpp"
#include "wire/eval_commands.hpp"
#include "wire/job_commands.hpp"
#include "wire/node_commands.hpp"
#include "wire/plan_commands.hpp"
#include "wire/root_key.hpp"

namespace caravan::wire {

using AnyCommand =
    std::variant<RegisterJob, DeregisterJob, RegisterNode, UpdateNodeStatus, UpdateNodeEligibility,
                 UpdateAllocs, UpsertEvals, ApplyPlans, TransitionAllocs, UpdateDeployment,
                 SetAllocServices, DeleteService, UpsertRootKey, Collect, PromoteDeployment,
                 SetAllocHealth, SetJobStability, UpdateNodeDrain>;

struct Command {
  std::int64_t time_ns = 0;  // the proposer's clock
  AnyCommand body;
};

std::string encode_command(const Command& command);
/// Errors: invalid (damaged), unsupported (a kind that this version does not know).
base::Result<Command> decode_command(std::string_view bytes, const JobSource* jobs);

}  // namespace caravan::wire
