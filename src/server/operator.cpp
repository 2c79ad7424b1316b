// SPDX-License-Identifier: Apache-2.0
#include "server/operator.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "io/task.hpp"
#include "server/new_eval.hpp"

namespace caravan::server {
namespace {

using consensus::Priority;

/// Evaluations per command, so that one request does not fill a log entry.
constexpr std::size_t delete_batch = 4096;

std::vector<base::EvalId> ids_of(const std::vector<model::Evaluation>& evals) {
  std::vector<base::EvalId> ids;
  for (const model::Evaluation& eval : evals)
    ids.push_back(eval.id);
  return ids;
}

std::unexpected<base::Error> came_into_use(std::string_view kind, const std::string& name) {
  return base::fail(base::Code::conflict,
                    fmt::format("{} \"{}\" came into use meanwhile, and stays", kind, name));
}

}  // namespace

io::Task<base::Result<Operator::Written>> Operator::set_scheduler(
    model::SchedulerConfig config, std::optional<std::uint64_t> expected_index) {
  wire::SetSchedulerConfig command{.config = std::move(config), .expected_index = expected_index};
  co_return co_await write(std::move(command));
}

io::Task<base::Result<Operator::Written>> Operator::set_autopilot(
    model::AutopilotConfig config, std::optional<std::uint64_t> expected_index) {
  wire::SetAutopilotConfig command{.config = std::move(config), .expected_index = expected_index};
  co_return co_await write(std::move(command));
}

io::Task<base::Result<Operator::Written>> Operator::write(wire::AnyCommand command) {
  Written written;
  CO_TRY(written.index, co_await proposals_.propose(std::move(command), Priority::control));
  written.updated = !store_.snapshot()->was_refused(written.index);
  co_return written;
}

io::Task<base::Result<std::uint64_t>> Operator::put_pool(model::NodePool pool) {
  if (model::is_built_in_pool(pool.name))
    co_return base::invalid(fmt::format("modifying node pool \"{}\" is not allowed", pool.name));
  if (pool.node_identity_ttl == base::Duration(0))
    pool.node_identity_ttl = model::node_identity_ttl_default;
  if (std::string wrong = model::complaint(pool); !wrong.empty())
    co_return base::invalid(fmt::format("invalid node pool: {}", wrong));
  wire::UpsertNodePools command;
  command.pools.push_back(std::move(pool));
  co_return co_await proposals_.propose(std::move(command), Priority::control);
}

io::Task<base::Result<std::uint64_t>> Operator::delete_pool(std::string name) {
  if (model::is_built_in_pool(name))
    co_return base::invalid(fmt::format("deleting node pool \"{}\" is not allowed", name));
  const state::Snapshot snapshot = store_.snapshot();
  if (!snapshot->node_pool(name))
    co_return base::fail(base::Code::not_found, "node pool not found");
  if (std::string why = state::why_pool_stays(*snapshot, name); !why.empty())
    co_return base::invalid(std::move(why));
  wire::DeleteNodePools command;
  command.names.push_back(name);
  CO_TRY(const std::uint64_t index,
         co_await proposals_.propose(std::move(command), Priority::control));
  if (store_.snapshot()->node_pool(name)) co_return came_into_use("node pool", name);
  co_return index;
}

io::Task<base::Result<std::uint64_t>> Operator::put_namespace(model::Namespace space) {
  if (const std::string wrong = model::complaint(space); !wrong.empty())
    co_return base::invalid(fmt::format("Invalid namespace \"{}\": 1 error occurred:\n\t* {}\n",
                                        base::printable(space.name, 128), wrong));
  if (!space.quota.empty() && !store_.snapshot()->quota(space.quota))
    co_return base::invalid(fmt::format("namespace \"{}\": there is no quota \"{}\"", space.name,
                                        base::printable(space.quota, 128)));
  wire::UpsertNamespaces command;
  command.namespaces.push_back(std::move(space));
  co_return co_await proposals_.propose(std::move(command), Priority::control);
}

io::Task<base::Result<std::uint64_t>> Operator::delete_namespace(std::string name) {
  if (name == model::namespace_default) co_return base::invalid("can not delete default namespace");
  const state::Snapshot snapshot = store_.snapshot();
  if (std::string why = state::why_namespace_stays(*snapshot, name); !why.empty())
    co_return base::invalid(fmt::format("1 error occurred:\n\t* {}\n", why));
  wire::DeleteNamespaces command;
  command.names.push_back(name);
  CO_TRY(const std::uint64_t index,
         co_await proposals_.propose(std::move(command), Priority::control));
  if (store_.snapshot()->name_space(name)) co_return came_into_use("namespace", name);
  co_return index;
}

io::Task<base::Result<std::uint64_t>> Operator::put_quota(model::Quota quota) {
  if (const std::string wrong = model::complaint(quota); !wrong.empty())
    co_return base::invalid(
        fmt::format("Invalid quota \"{}\": {}", base::printable(quota.name, 128), wrong));
  wire::UpsertQuotas command;
  command.quotas.push_back(std::move(quota));
  co_return co_await proposals_.propose(std::move(command), Priority::control);
}

io::Task<base::Result<std::uint64_t>> Operator::delete_quota(std::string name) {
  const state::Snapshot snapshot = store_.snapshot();
  if (!snapshot->quota(name)) co_return base::fail(base::Code::not_found, "Quota not found");
  if (std::string why = state::why_quota_stays(*snapshot, name); !why.empty())
    co_return base::invalid(std::move(why));
  wire::DeleteQuotas command;
  command.names.push_back(name);
  CO_TRY(const std::uint64_t index,
         co_await proposals_.propose(std::move(command), Priority::control));
  if (store_.snapshot()->quota(name)) co_return came_into_use("quota", name);
  co_return index;
}

io::Task<base::Result<std::uint64_t>> Operator::delete_evals(std::vector<base::EvalId> ids,
                                                             bool all, std::size_t& count) {
  const state::Snapshot snapshot = store_.snapshot();
  if (!snapshot->scheduler_config().pause_eval_broker)
    co_return base::invalid("eval broker is enabled; eval broker must be paused to delete evals");
  count = 0;
  std::vector<wire::Collect> batches(1);
  for (const base::EvalId& id : ids) {
    if (!snapshot->eval(id)) {
      if (!all) continue;
      co_return base::fail(base::Code::not_found,
                           fmt::format("eval \"{}\" not found", id.to_string()));
    }
    const auto allocs = snapshot->allocs_of_eval(id);
    const bool lives =
        std::ranges::any_of(allocs, [](const auto& alloc) { return !alloc->client_terminal(); });
    if (lives && all)
      co_return base::invalid(fmt::format(
          "eval \"{}\" has allocations that are not over; stop them first", id.to_string()));
    if (lives) continue;
    if (batches.back().evals.size() + batches.back().allocs.size() >= delete_batch)
      batches.emplace_back();
    batches.back().evals.push_back(id);
    for (const auto& alloc : allocs)
      batches.back().allocs.push_back(alloc->id);
    ++count;
  }
  std::uint64_t index = snapshot->index;
  if (count == 0) co_return index;
  wire::Collect last = std::move(batches.back());
  batches.pop_back();
  for (wire::Collect& batch : batches)
    CO_TRY_VOID(co_await proposals_.propose_part(std::move(batch)));
  CO_TRY(index, co_await proposals_.propose(std::move(last)));
  co_return index;
}

io::Task<base::Result<Operator::NodeReply>> Operator::evaluate_node(base::NodeId id) {
  const state::Snapshot snapshot = store_.snapshot();
  if (!snapshot->node(id)) co_return base::fail(base::Code::not_found, "node not found");
  wire::UpsertEvals command;
  command.evals = evals_for_node(world_.random, *snapshot, id);
  NodeReply reply;
  reply.evals = ids_of(command.evals);
  reply.index = snapshot->index;
  if (reply.evals.empty()) co_return reply;
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  co_return reply;
}

io::Task<base::Result<Operator::NodeReply>> Operator::purge_node(base::NodeId id) {
  const state::Snapshot snapshot = store_.snapshot();
  if (!snapshot->node(id)) co_return base::fail(base::Code::not_found, "node not found");
  wire::PurgeNodes command;
  command.nodes.push_back(id);
  command.evals = evals_for_node(world_.random, *snapshot, id);
  NodeReply reply;
  reply.evals = ids_of(command.evals);
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command), Priority::control));
  co_return reply;
}

}  // namespace caravan::server
