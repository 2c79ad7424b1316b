// SPDX-License-Identifier: Apache-2.0
// Everything that changes the cluster. A command says what happened, with the time, the ids and the
// random bytes in it: `state` applies it and draws none. A command's kind is its place in the
// variant and, like a field's number, is for ever: new ones go to the end, and log_version.cpp says
// which version knows them first.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "wire/acl_commands.hpp"
#include "wire/alloc_commands.hpp"
#include "wire/catalog_commands.hpp"
#include "wire/eval_commands.hpp"
#include "wire/job_commands.hpp"
#include "wire/kv_commands.hpp"
#include "wire/log_version.hpp"
#include "wire/node_commands.hpp"
#include "wire/operator_commands.hpp"
#include "wire/plan_commands.hpp"
#include "wire/root_key.hpp"
#include "wire/variable_commands.hpp"

namespace caravan::wire {

using AnyCommand = std::variant<
    RegisterJob, DeregisterJob, RegisterNode, UpdateNodeStatus, UpdateNodeEligibility, UpdateAllocs,
    UpsertEvals, ApplyPlans, TransitionAllocs, UpdateDeployment, SetAllocServices, DeleteService,
    UpsertRootKey, Collect, PromoteDeployment, SetAllocHealth, SetJobStability, UpdateNodeDrain,
    ScaleJob, SetSchedulerConfig, UpsertNodePools, DeleteNodePools, UpsertNamespaces,
    DeleteNamespaces, TagJobVersion, PurgeNodes, UpsertQuotas, DeleteQuotas, UpsertAclPolicies,
    DeleteAclPolicies, UpsertAclTokens, DeleteAclTokens, UpsertAclRoles, DeleteAclRoles,
    BootstrapAcl, PutVariable, DeleteVariable, UpsertJobRestart, SetAutopilotConfig,
    BringRestorePiece, RestoreState, DeleteRootKey, ResealVariables, SetLogVersion, ApplyKv,
    CreateSession, DestroySession, ChangeCatalog, UpsertAuthMethods, DeleteAuthMethods,
    UpsertBindingRules, DeleteBindingRules, ApplyOnce>;

struct Command {
  std::int64_t time_ns = 0;  // the proposer's clock
  AnyCommand body;
};

/// The place of a command in the variant.
template <class Body, std::size_t Kind = 0>
constexpr std::size_t kind_of() {
  if constexpr (std::is_same_v<Body, std::variant_alternative_t<Kind, AnyCommand>>)
    return Kind;
  else
    return kind_of<Body, Kind + 1>();
}

/// The kind of an encoded command; nothing when the bytes are damaged.
std::optional<std::size_t> kind_of(std::string_view encoded);
/// The command itself, without the request that it came with; "" when the bytes are damaged.
std::string carried(std::string_view encoded);
std::string encode_command(const Command& command);
/// Errors: invalid (damaged), unsupported (a kind that this version does not know).
base::Result<Command> decode_command(std::string_view bytes, const JobSource* jobs);

}  // namespace caravan::wire
