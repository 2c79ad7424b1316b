// SPDX-License-Identifier: Apache-2.0
#include "server/dispatches.hpp"

#include "io/task.hpp"
#include "server/admission.hpp"
#include "server/new_eval.hpp"

namespace caravan::server {
namespace {

constexpr std::uint64_t id_numbers = std::uint64_t{1} << 32;  // eight hex digits

}  // namespace

std::optional<DispatchReply> Dispatches::earlier(const base::JobId& parent,
                                                 const std::string& token) const {
  if (token.empty()) return {};
  const state::Snapshot snapshot = store_.snapshot();
  for (const state::Ref<model::Job>& child : snapshot->children_of(parent)) {
    if (child->dispatch_idempotency_token != token) continue;
    DispatchReply reply;
    reply.job_id = child->id;
    reply.job_create_index = child->create_index;
    reply.index = snapshot->index;
    return reply;
  }
  return {};
}

io::Task<base::Result<DispatchReply>> Dispatches::dispatch(base::JobId parent_id,
                                                           DispatchRequest request) {
  const state::Ref<model::Job> parent = store_.snapshot()->job(parent_id);
  if (!parent) co_return base::fail(base::Code::not_found, "parameterized job not found");
  CO_TRY_VOID(check_open(*store_.snapshot()));
  CO_TRY_VOID(check_dispatch(*parent, request));
  if (auto known = earlier(parent_id, request.idempotency_token)) co_return *known;
  const auto number = static_cast<std::uint32_t>(world_.random.below(id_numbers));
  wire::RegisterJob command;
  command.job = dispatched_child(*parent, request, world_.clock.now(), number);
  command.birth.emplace();
  DispatchReply reply;
  reply.job_id = command.job.id;
  if (!command.job.is_parent()) {
    command.eval = new_eval(world_.random, command.job, model::triggered_by::job_register);
    reply.eval_id = command.eval->id;
  }
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  const state::Ref<model::Job> born = store_.snapshot()->job({parent_id.ns, reply.job_id});
  if (!born || born->create_index != reply.index) {
    // Another dispatch with the same token was first, or the parent is gone.
    if (auto known = earlier(parent_id, request.idempotency_token)) co_return *known;
    co_return base::fail(base::Code::conflict, "the parameterized job was stopped meanwhile");
  }
  reply.job_create_index = reply.index;
  if (!reply.eval_id.is_nil()) reply.eval_create_index = reply.index;
  co_return reply;
}

}  // namespace caravan::server
