// SPDX-License-Identifier: Apache-2.0
#include "scheduler/tasks_updated.hpp"

#include "model/environment.hpp"

namespace caravan::scheduler {
namespace {

bool same_resources(const model::Resources& a, const model::Resources& b) {
  return a.cpu == b.cpu && a.cores == b.cores && a.memory_mb == b.memory_mb &&
         a.memory_mb_max == b.memory_mb_max && a.secrets_mb == b.secrets_mb &&
         a.networks == b.networks && a.devices == b.devices && a.numa == b.numa;
}

bool same_task(const model::Task& a, const model::Task& b) {
  return a.driver == b.driver && a.user == b.user && a.config == b.config &&
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
  const bool environment_counts = !b->update || b->update->replaces_for_environment();
  for (const model::Task& task : b->tasks) {
    const model::Task* old = a->find_task(task.name);
    if (!old || !same_task(*old, task)) return true;
    if (environment_counts && !model::same_environment(before, after, name, task.name)) return true;
  }
  return false;
}

}  // namespace caravan::scheduler
