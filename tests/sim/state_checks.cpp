// SPDX-License-Identifier: Apache-2.0
#include "sim/state_checks.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "state/store.hpp"

namespace caravan::sim {

std::string SeenIndexes::take(const state::Tables& tables) {
  if (tables.index < index_) return "the index went back";
  for (std::size_t i = 0; i < state::table_count; ++i) {
    if (tables.table_index[i] < tables_[i]) return "a table's index went back";
    if (tables.table_index[i] > tables.index) return "a table's index is ahead";
  }
  index_ = tables.index;
  tables_ = tables.table_index;
  return "";
}

namespace {

/// As many copies as are wanted run, and a rollout that watches them says that they are well.
bool runs_well(const state::Tables& tables, const model::Job& job) {
  int well = 0, wanted = 0;
  for (const model::TaskGroup& group : job.groups)
    wanted += group.count;
  for (const auto& alloc : tables.allocs_of_job(job.job_id()))
    if (!alloc->terminal() && alloc->client_status == model::ClientStatus::running &&
        (alloc->deployment_id.is_nil() || alloc->health() == true))
      ++well;
  return !job.stop && well >= wanted;
}

std::set<base::JobId> that_must_wait(const state::Tables& tables) {
  std::set<base::JobId> waiting;
  tables.jobs.each([&](const base::JobId& id, const state::Ref<model::Job>& job) {
    const auto allocs = tables.allocs_of_job(id);
    // A batch job that has had a try goes on with the next one.
    const bool lives = std::ranges::any_of(allocs, [&](const auto& alloc) {
      return !alloc->terminal() ||
             (job->type == model::JobType::batch && alloc->job->version == job->version);
    });
    for (const std::string& name : job->depends_on) {
      const state::Ref<model::Job> other = tables.job({id.ns, name});
      if (!lives && (!other || !runs_well(tables, *other))) waiting.insert(id);
    }
  });
  return waiting;
}

}  // namespace

std::string WaitOrder::take(const state::Tables& tables) {
  held_.emplace(tables.index, that_must_wait(tables));
  std::string found;
  tables.allocs.each([&](const base::AllocId& id, const state::Ref<model::Allocation>& alloc) {
    if (!known_.insert(id).second || alloc->job->depends_on.empty()) return;
    const state::Ref<model::Evaluation> eval = tables.eval(alloc->eval_id);
    const auto seen = eval ? held_.find(eval->snapshot_index) : held_.end();
    if (seen != held_.end() && seen->second.contains(alloc->job->job_id()))
      found = fmt::format("{} is placed at {} in view of {}, before what it depends on is well",
                          alloc->name(), tables.index, eval->snapshot_index);
  });
  return found;
}

std::string check_quotas(const state::Tables& tables) {
  std::map<std::string, model::QuotaAmounts> used;
  if (tables.quotas.size() == 0) return "";
  tables.allocs.each([&](const base::AllocId&, const state::Ref<model::Allocation>& alloc) {
    const state::Ref<model::Namespace> space = tables.name_space(alloc->job->ns);
    if (space && !space->quota.empty() && !alloc->terminal())
      used[space->quota] += model::quota_amounts(alloc->task_group());
  });
  for (const auto& [name, amounts] : used)
    if (const state::Ref<model::Quota> quota = tables.quota(name))
      for (const model::QuotaLimit& limit : quota->limits)
        for (const std::string& what : model::exceeded(limit.amounts, amounts, {}))
          return fmt::format("quota {}: {}", name, what);
  return "";
}

/// Whether somebody is about to look at the job.
bool is_evaluated(const state::Tables& tables, const model::Job& job) {
  return std::ranges::any_of(tables.evals_of_job(job.job_id()), [](const auto& eval) {
    return eval->status == model::EvalStatus::pending;
  });
}

std::string check_allocations(const state::Tables& tables) {
  std::map<base::NodeId, model::Footprint> used;
  std::set<std::pair<base::NodeId, int>> ports;
  std::set<std::string> names;
  std::string found;
  tables.allocs.each([&](const base::AllocId&, const state::Ref<model::Allocation>& alloc) {
    if (alloc->terminal()) return;
    used[alloc->node_id] += model::footprint(alloc->task_group());
    for (const model::PortMapping& port : alloc->ports)
      if (!ports.insert({alloc->node_id, port.value}).second)
        found = fmt::format("port {} is given out twice", port.value);
    // One whose node is not heard from may have a substitute, also for the moment between its
    // return and the evaluation that chooses between the two.
    if (alloc->client_status == model::ClientStatus::unknown) return;
    if (alloc->task_group().disconnect && is_evaluated(tables, *alloc->job)) return;
    if (!names.insert(alloc->job->id + "/" + alloc->name()).second)
      found = fmt::format("{} is there twice", alloc->name());
  });
  for (const auto& [id, sum] : used) {
    const state::Ref<model::Node> node = tables.node(id);
    if (!node) return "an allocation is on no node";
    const model::Footprint room = model::capacity(*node);
    if (sum.cpu > room.cpu || sum.memory_mb > room.memory_mb || sum.disk_mb > room.disk_mb)
      return fmt::format("the node is over-committed: {} of {} MHz", sum.cpu, room.cpu);
  }
  return found;
}

std::string check_dump(const state::Tables& tables) {
  const auto loaded = state::load(state::dump(tables));
  if (!loaded) return "a dump cannot be read: " + loaded.error().message;
  if ((*loaded)->hash() != tables.hash()) return "a dump reads back to another hash";
  return "";
}

}  // namespace caravan::sim
