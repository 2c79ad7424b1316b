// SPDX-License-Identifier: Apache-2.0
// What a job must be like to be accepted.
#include <set>

#include "model/dependencies.hpp"
#include "model/rules.hpp"

namespace caravan::model {
namespace {

using base::Duration;
using namespace rules;

void check_group(Complaints& c, const std::string& at, const TaskGroup& group, const Job& job) {
  check_folder_name(c, at + ".Name", group.name);
  c.range(at + ".Count", group.count, 0, group_count_max);
  const bool everywhere = job.type == JobType::system || job.type == JobType::sysbatch;
  if (everywhere && group.count > 1)
    c.add("{}.Count: {} jobs run once per node, so at most 1", at, name_of(job.type));
  if (group.tasks.empty())
    c.add("{}.Tasks: missing", at);
  else if (std::ranges::none_of(group.tasks, &Task::is_main))
    c.add("{}.Tasks: all of them are lifecycle hooks", at);
  if (std::ranges::count_if(group.tasks, &Task::leader) > 1)
    c.add("{}.Tasks: more than one leader", at);
  std::set<std::string> names;
  for (const Task& task : group.tasks)
    if (!names.insert(task.name).second) c.add("{}.Tasks: \"{}\" is there twice", at, task.name);
  c.range(at + ".EphemeralDisk.SizeMB", group.ephemeral_disk.size_mb, 10, 1'000'000'000);
  check_constraints(c, at, group.constraints);
  check_restart(c, at, group.restart);
  if (group.reschedule && everywhere)
    c.add("{}.ReschedulePolicy: not for {} jobs", at, name_of(job.type));
  else if (group.reschedule)
    check_reschedule(c, at, *group.reschedule);
  if (group.update) check_update(c, at, *group.update, group.count);
  if (group.update && everywhere && group.update->canary > 100)
    c.add("{}.Update.Canary: {} is above 100; in {} jobs it is a share of the nodes, in percent",
          at, group.update->canary, name_of(job.type));
  if (everywhere && (!group.affinities.empty() || !group.spreads.empty()))
    c.add("{}: affinities and spreads have no meaning for {} jobs", at, name_of(job.type));
  if (group.networks.size() > 1)
    c.add("{}.Networks: {} of them, at most 1", at, group.networks.size());
  check_networks(c, at, group.networks);
  for (std::size_t i = 0; i < group.services.size(); ++i)
    check_service(c, fmt::format("{}.Services[{}]", at, i), group.services[i], group, false);
  for (const auto& [name, volume] : group.volumes) {
    const std::string where = fmt::format("{}.Volumes[{}]", at, name);
    if (volume.type != "host" && volume.type != "csi")
      c.add("{}.Type: \"{}\" is neither host nor csi", where, base::printable(volume.type, 64));
    if (volume.source.empty()) c.add("{}.Source: missing", where);
  }
  if (group.disconnect)
    for (const std::string& line : complaints(*group.disconnect))
      c.add("{}.Disconnect.{}", at, line);
  if (group.disconnect && group.disconnect->stop_on_client_after && everywhere)
    c.add("{}.Disconnect.StopOnClientAfter: not for {} jobs", at, name_of(job.type));
  if (group.scaling)
    for (const std::string& line : complaints(*group.scaling, group.count))
      c.add("{}.Scaling: {}", at, line);
  if (group.max_run_duration != Duration(0) && job.type != JobType::batch &&
      job.type != JobType::sysbatch)
    c.add("{}.MaxRunDuration: only for batch and sysbatch jobs", at);
  if (group.max_run_duration < Duration(0))
    c.add("{}.MaxRunDuration: {} is negative", at, base::format_duration(group.max_run_duration));
  for (std::size_t i = 0; i < group.tasks.size(); ++i)
    check_task(c, fmt::format("{}.Tasks[{}]", at, i), group.tasks[i], group);
}

}  // namespace

std::vector<std::string> validate(const Job& job) {
  Complaints c;
  check_name(c, "Job.ID", job.id);
  check_name(c, "Job.Namespace", job.ns);
  if (job.name.empty()) c.add("Job.Name: missing");
  c.range("Job.Priority", job.priority, 1, 100);
  if (job.datacenters.empty()) c.add("Job.Datacenters: missing");
  for (std::size_t i = 0; i < job.datacenters.size(); ++i)
    if (job.datacenters[i].empty()) c.add("Job.Datacenters[{}]: empty", i);
  if (job.groups.empty()) c.add("Job.TaskGroups: missing");
  std::set<std::string> names;
  std::int64_t total = 0;
  for (const TaskGroup& group : job.groups) {
    total += group.count;
    if (!names.insert(group.name).second)
      c.add("Job.TaskGroups: \"{}\" is there twice", group.name);
  }
  if (total > group_count_max)
    c.add("Job.TaskGroups: {} allocations in all, the limit is {}", total, group_count_max);
  check_constraints(c, "Job", job.constraints);
  const bool ends = job.type == JobType::batch || job.type == JobType::sysbatch;
  if (job.periodic && !ends) c.add("Job.Periodic: only for batch and sysbatch jobs");
  if (job.parameterized && !ends) c.add("Job.ParameterizedJob: only for batch and sysbatch jobs");
  if (job.periodic) check_periodic(c, *job.periodic);
  if (job.parameterized) check_parameterized(c, *job.parameterized);
  for (std::size_t i = 0; i < job.groups.size(); ++i)
    check_group(c, fmt::format("Job.TaskGroups[{}]", i), job.groups[i], job);
  for (const std::string& line : dependency_complaints(job))
    c.add("{}", line);
  return c.take();
}

std::vector<std::string> warnings(const Job& job) {
  std::vector<std::string> list;
  int canaries = 0, promoted = 0;
  for (const TaskGroup& group : job.groups) {
    if (!group.update || group.update->canary == 0) continue;
    ++canaries;
    promoted += group.update->auto_promote ? 1 : 0;
  }
  if (promoted > 0 && promoted < canaries)
    list.push_back("auto_promote is not set for all groups with canaries: none promotes itself");
  for (const TaskGroup& group : job.groups) {
    if (job.type == JobType::service && group.update && group.update->max_parallel > group.count &&
        group.count > 0)
      list.push_back(fmt::format("Group \"{}\": max_parallel {} is above count {}", group.name,
                                 group.update->max_parallel, group.count));
    for (const Task& task : group.tasks) {
      if (!task.resources.networks.empty())
        list.push_back(fmt::format(
            "Task \"{}\": network resources of a task are deprecated, use the group's network",
            task.name));
      for (const WorkloadIdentity& identity : task.identities) {
        const std::string whose = fmt::format("Task \"{}\": identity \"{}\"", task.name,
                                              base::printable(identity.name, 128));
        if (identity.audience.empty()) list.push_back(whose + " has no aud: nobody should take it");
        if (identity.ttl == base::Duration(0)) list.push_back(whose + " has no ttl: it never ends");
      }
    }
  }
  return list;
}

}  // namespace caravan::model
