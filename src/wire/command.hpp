// SPDX-License-Identifier: Apache-2.0
// Everything that changes the cluster. A command says what happened, with the time, the ids and the
// random bytes in it: `state` applies it and draws none. A command's kind is its place in the
// list and, like a field's number, is for ever: new ones go to the end, and log_version.cpp says
// which version knows them first.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "wire/acl_commands.hpp"
#include "wire/alloc_commands.hpp"
#include "wire/catalog_commands.hpp"
#include "wire/config_commands.hpp"
#include "wire/connect_commands.hpp"
#include "wire/eval_commands.hpp"
#include "wire/job_commands.hpp"
#include "wire/kv_commands.hpp"
#include "wire/log_version.hpp"
#include "wire/node_commands.hpp"
#include "wire/operator_commands.hpp"
#include "wire/plan_commands.hpp"
#include "wire/registry_commands.hpp"
#include "wire/root_key.hpp"
#include "wire/txn_commands.hpp"
#include "wire/variable_commands.hpp"

namespace caravan::wire {

template <class... Bodies>
struct CommandList {
  static constexpr std::size_t size = sizeof...(Bodies);
};

using Commands = CommandList<
    RegisterJob, DeregisterJob, RegisterNode, UpdateNodeStatus, UpdateNodeEligibility, UpdateAllocs,
    UpsertEvals, ApplyPlans, TransitionAllocs, UpdateDeployment, SetAllocServices, DeleteService,
    UpsertRootKey, Collect, PromoteDeployment, SetAllocHealth, SetJobStability, UpdateNodeDrain,
    ScaleJob, SetSchedulerConfig, UpsertNodePools, DeleteNodePools, UpsertNamespaces,
    DeleteNamespaces, TagJobVersion, PurgeNodes, UpsertQuotas, DeleteQuotas, UpsertAclPolicies,
    DeleteAclPolicies, UpsertAclTokens, DeleteAclTokens, UpsertAclRoles, DeleteAclRoles,
    BootstrapAcl, PutVariable, DeleteVariable, UpsertJobRestart, SetAutopilotConfig,
    BringRestorePiece, RestoreState, DeleteRootKey, ResealVariables, SetLogVersion, ApplyKv,
    CreateSession, DestroySession, ChangeCatalog, UpsertAuthMethods, DeleteAuthMethods,
    UpsertBindingRules, DeleteBindingRules, ApplyOnce,
    FireEvent, UpsertPreparedQuery, DeletePreparedQuery, UpdateCoordinates, ApplyTxn,
    PutConfigEntry, DeleteConfigEntry, SetConnectCa>;

inline constexpr std::size_t command_kinds = Commands::size;

template <class Body, class... Bodies>
constexpr std::size_t place_of(CommandList<Bodies...>) {
  constexpr std::array<bool, sizeof...(Bodies)> is = {std::is_same_v<Body, Bodies>...};
  std::size_t place = 0;
  while (place < is.size() && !is[place])
    ++place;
  return place;
}

/// The place of a command in the list.
template <class Body>
constexpr std::size_t kind_of() {
  static_assert(place_of<Body>(Commands()) < command_kinds, "not a command");
  return place_of<Body>(Commands());
}

/// One of the commands. It never changes, so copies share what is in it; and it is no variant,
/// which every file that touches a command would have to compile for all of them.
class AnyCommand {
 public:
  template <class Body>
    requires(place_of<Body>(Commands()) < command_kinds)
  AnyCommand(Body body)
      : kind_(kind_of<Body>()), body_(std::make_shared<const Body>(std::move(body))) {}

  std::size_t kind() const { return kind_; }
  /// Null when it is another command.
  template <class Body>
  const Body* as() const {
    return kind_ == kind_of<Body>() ? static_cast<const Body*>(body_.get()) : nullptr;
  }
  /// Calls with the command as what it is. All results have one type.
  template <class Visitor>
  decltype(auto) visit(Visitor&& visitor) const {
    return visit_among(visitor, Commands());
  }

 private:
  template <class Visitor, class First, class... Rest>
  auto visit_among(Visitor& visitor, CommandList<First, Rest...>) const
      -> std::invoke_result_t<Visitor&, const First&> {
    using Call = std::invoke_result_t<Visitor&, const First&> (*)(Visitor&, const void*);
    static constexpr std::array<Call, 1 + sizeof...(Rest)> calls = {call<Visitor, First>,
                                                                    call<Visitor, Rest>...};
    return calls[kind_](visitor, body_.get());
  }
  template <class Visitor, class Body>
  static std::invoke_result_t<Visitor&, const Body&> call(Visitor& visitor, const void* body) {
    return visitor(*static_cast<const Body*>(body));
  }

  std::size_t kind_;
  std::shared_ptr<const void> body_;
};

struct Command {
  std::int64_t time_ns = 0;  // the proposer's clock
  AnyCommand body;
};

/// The kind of an encoded command; nothing when the bytes are damaged.
std::optional<std::size_t> kind_of(std::string_view encoded);
/// The command itself, without the request that it came with; "" when the bytes are damaged.
std::string carried(std::string_view encoded);
std::string encode_command(const Command& command);
/// Errors: invalid (damaged), unsupported (a kind that this version does not know).
base::Result<Command> decode_command(std::string_view bytes, const JobSource* jobs);

}  // namespace caravan::wire
