// SPDX-License-Identifier: Apache-2.0
#include "scheduler/tasks_updated.hpp"

namespace caravan::scheduler {
namespace {

using Meta = std::map<std::string, std::string>;

/// What the task sees as its meta: the group's over the job's, the task's over both.
Meta combined_meta(const model::Job& job, const model::TaskGroup& group, const model::Task& task) {
  Meta meta = task.meta;
  meta.insert(group.meta.begin(), group.meta.end());
  meta.insert(job.meta.begin(), job.meta.end());
  return meta;
}

bool same_resources(const model::Resources& a, const model::Resources& b) {
  return a.cpu == b.cpu && a.cores == b.cores && a.memory_mb == b.memory_mb &&
         a.memory_mb_max == b.memory_mb_max && a.secrets_mb == b.secrets_mb &&
         a.networks == b.networks && a.devices == b.devices && a.numa == b.numa;
}

bool same_task(const model::Task& a, const model::Task& b) {
  return a.driver == b.driver && a.user == b.user && a.config == b.config && a.env == b.env &&
         a.artifacts == b.artifacts && a.vault == b.vault && a.consul == b.consul &&
         a.templates == b.templates && a.csi_plugin == b.csi_plugin &&
         a.volume_mounts == b.volume_mounts && a.secrets == b.secrets && a.identity == b.identity &&
         a.identities == b.identities && a.lifecycle == b.lifecycle &&
         a.logs.disabled == b.logs.disabled && same_resources(a.resources, b.resources);
}

}  // namespace

bool needs_replacement(const model::Job& before, const model::Job& after, const std::string& name) {
  const model::TaskGroup* a = before.find_group(name);
  const model::TaskGroup* b = after.find_group(name);
  if (!a || !b || a->tasks.size() != b->tasks.size()) return true;
  if (a->ephemeral_disk != b->ephemeral_disk || a->networks != b->networks ||
      a->volumes != b->volumes || a->consul != b->consul ||
      a->restart.render_templates != b->restart.render_templates)
    return true;
  for (const model::Task& task : b->tasks) {
    const model::Task* old = a->find_task(task.name);
    if (!old || !same_task(*old, task) ||
        combined_meta(before, *a, *old) != combined_meta(after, *b, task))
      return true;
  }
  return false;
}

}  // namespace caravan::scheduler
