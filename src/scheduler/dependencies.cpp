// SPDX-License-Identifier: Apache-2.0
#include "scheduler/dependencies.hpp"

#include <set>

#include <fmt/core.h>

namespace caravan::scheduler {
namespace {

bool is_well(const model::Job& job, const model::Allocation& alloc) {
  if (job.type == model::JobType::batch || job.type == model::JobType::sysbatch)
    return alloc.client_status == model::ClientStatus::complete && alloc.ran_successfully();
  if (alloc.terminal() || alloc.client_status != model::ClientStatus::running) return false;
  return alloc.deployment_id.is_nil() || alloc.health().value_or(false);
}

/// Something of it lives, or it is a batch job's and has had its run.
bool has_started(const state::Tables& tables, const model::Job& job, const std::string* group) {
  const bool ends = job.type == model::JobType::batch || job.type == model::JobType::sysbatch;
  const auto allocs = tables.allocs_of_job(job.job_id());
  return std::ranges::any_of(allocs, [&](const state::Ref<model::Allocation>& alloc) {
    if (group && alloc->group != *group) return false;
    return !alloc->terminal() || (ends && alloc->job->version == job.version &&
                                  alloc->job->create_index == job.create_index);
  });
}

bool all_healthy(const state::Tables& tables, const model::Job& job) {
  return !job.stop && std::ranges::all_of(job.groups, [&](const model::TaskGroup& group) {
    return is_healthy(tables, job, group);
  });
}

}  // namespace

bool is_healthy(const state::Tables& tables, const model::Job& job, const model::TaskGroup& group) {
  int well = 0;
  for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_job(job.job_id()))
    if (alloc->group == group.name && alloc->job->create_index == job.create_index &&
        is_well(job, *alloc))
      ++well;
  const bool everywhere =
      job.type == model::JobType::system || job.type == model::JobType::sysbatch;
  return everywhere ? well > 0 || group.count == 0 : well >= group.count;
}

std::vector<std::string> waits_for(const state::Tables& tables, const model::Job& job) {
  std::vector<std::string> waits;
  if (job.depends_on.empty() || has_started(tables, job, nullptr)) return waits;
  for (const std::string& name : job.depends_on) {
    const state::Ref<model::Job> other = tables.job({job.ns, name});
    if (!other || !all_healthy(tables, *other)) waits.push_back(fmt::format("job \"{}\"", name));
  }
  return waits;
}

std::vector<std::string> waits_for(const state::Tables& tables, const model::Job& job,
                                   const model::TaskGroup& group) {
  std::vector<std::string> waits;
  if (group.depends_on.empty() || has_started(tables, job, &group.name)) return waits;
  for (const std::string& name : group.depends_on) {
    const model::TaskGroup* other = job.find_group(name);
    if (other && !is_healthy(tables, job, *other))
      waits.push_back(fmt::format("group \"{}\"", name));
  }
  return waits;
}

std::vector<std::string> all_waits(const state::Tables& tables, const model::Job& job) {
  std::set<std::string> waits;
  for (std::string& one : waits_for(tables, job))
    waits.insert(std::move(one));
  for (const model::TaskGroup& group : job.groups)
    if (group.count > 0)
      for (std::string& one : waits_for(tables, job, group))
        waits.insert(std::move(one));
  return {waits.begin(), waits.end()};
}

std::vector<std::string> job_cycle(const state::Tables& tables, const model::Job& job) {
  if (job.depends_on.empty()) return {};
  model::Dependencies known = {{job.id, job.depends_on}};
  std::vector<std::string> open = job.depends_on;
  while (!open.empty()) {  // all that can be reached from it
    const std::string name = std::move(open.back());
    open.pop_back();
    const state::Ref<model::Job> other = tables.job({job.ns, name});
    if (!other || !known.emplace(name, other->depends_on).second) continue;
    open.insert(open.end(), other->depends_on.begin(), other->depends_on.end());
  }
  const std::vector<std::string> cycle = model::find_cycle(known);
  const bool is_own = std::ranges::find(cycle, job.id) != cycle.end();
  return is_own ? cycle : std::vector<std::string>();
}

}  // namespace caravan::scheduler
