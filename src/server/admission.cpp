// SPDX-License-Identifier: Apache-2.0
#include "server/admission.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "scheduler/dependencies.hpp"

namespace caravan::server {

base::Status check_open(const state::Tables& tables) {
  if (!tables.scheduler_config().reject_job_registration) return {};
  return base::fail(
      base::Code::denied,
      "Job registration, dispatch, and scale are disabled by the scheduler configuration");
}

base::Status admit(const state::Tables& tables, model::Job& job) {
  const state::Ref<model::Namespace> space = tables.name_space(job.ns);
  if (!space)
    return base::invalid(fmt::format("job \"{}\" is in nonexistent namespace \"{}\"",
                                     base::printable(job.id, 128), base::printable(job.ns, 128)));
  if (job.node_pool == model::pool_default && space->pools && !space->pools->fallback.empty())
    job.node_pool = space->pools->fallback;
  if (!tables.node_pool(job.node_pool))
    return base::invalid(fmt::format("job \"{}\" is in nonexistent node pool \"{}\"",
                                     base::printable(job.id, 128),
                                     base::printable(job.node_pool, 128)));
  const std::vector<std::string> lines = model::forbidden(*space, job);
  if (!lines.empty()) return base::invalid(base::join(lines, "\n"));
  if (const auto cycle = scheduler::job_cycle(tables, job); !cycle.empty())
    return base::invalid(fmt::format("Job.DependsOn: jobs wait for each other: {}",
                                     base::printable(model::cycle_text(cycle), 512)));
  return {};
}

void name_policies(const model::Job* current, model::Job& job, io::Random* random) {
  for (model::TaskGroup& group : job.groups) {
    if (!group.scaling) continue;
    const model::TaskGroup* old = current ? current->find_group(group.name) : nullptr;
    if (old && old->scaling && !old->scaling->id.empty())
      group.scaling->id = old->scaling->id;
    else
      group.scaling->id = random ? random->uuid().to_string() : "";
  }
}

}  // namespace caravan::server
