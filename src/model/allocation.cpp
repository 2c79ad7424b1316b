// SPDX-License-Identifier: Apache-2.0
#include "model/allocation.hpp"

#include <fmt/core.h>

#include "base/assert.hpp"

namespace caravan::model {
namespace {

/// Scores shown of one placement.
constexpr std::size_t scores_shown = 5;

Footprint of_task(const Task& task) {
  const Resources& r = task.resources;
  return {r.cores > 0 ? 0 : r.cpu, r.memory_mb + r.secrets_mb, 0, r.cores};
}

void raise_to(Footprint& most, const Footprint& phase) {
  most.cpu = std::max(most.cpu, phase.cpu);
  most.memory_mb = std::max(most.memory_mb, phase.memory_mb);
}

}  // namespace

std::string Allocation::name() const { return fmt::format("{}.{}[{}]", job->id, group, index); }

const TaskGroup& Allocation::task_group() const {
  const TaskGroup* found = job->find_group(group);
  ASSERT(found != nullptr);
  return *found;
}

NodeScore PlacementScore::named(const base::NodeId& node) const {
  NodeScore named;
  named.node_id = node;
  double sum = 0;
  const auto add = [&](const char* name, int millionths, bool always = false) {
    if (millionths == 0 && !always) return;
    sum += named.scores[name] = millionths / 1e6;
  };
  add("binpack", binpack, true);
  add("job-anti-affinity", anti_affinity);
  add("node-reschedule-penalty", reschedule_penalty);
  add("node-affinity", affinity);
  add("allocation-spread", spread);
  add("preemption", preemption);
  add("devices", devices);
  named.norm_score = sum / static_cast<double>(named.scores.size());
  return named;
}

AllocMetric Allocation::placement_metrics() const {
  AllocMetric whole = metrics ? *metrics : AllocMetric();
  std::erase_if(whole.score_meta, [&](const NodeScore& s) { return s.node_id == node_id; });
  whole.score_meta.insert(whole.score_meta.begin(), score.named(node_id));
  if (whole.score_meta.size() > scores_shown) whole.score_meta.resize(scores_shown);
  return whole;
}

bool Allocation::ran_successfully() const {
  if (task_states.empty()) return false;
  return std::ranges::all_of(task_states,
                             [](const auto& entry) { return entry.second.is_successful(); });
}

Footprint& Footprint::operator+=(const Footprint& other) {
  cpu += other.cpu;
  memory_mb += other.memory_mb;
  disk_mb += other.disk_mb;
  cores += other.cores;
  return *this;
}

Footprint& Footprint::operator-=(const Footprint& other) {
  cpu -= other.cpu;
  memory_mb -= other.memory_mb;
  disk_mb -= other.disk_mb;
  cores -= other.cores;
  return *this;
}

Footprint footprint(const TaskGroup& group) {
  Footprint before, during, after;  // prestart, main, poststop never overlap
  int cores = 0;
  for (const Task& task : group.tasks) {
    const Footprint need = of_task(task);
    cores += need.cores;
    if (task.is_prestart()) {
      before += need;
      if (task.is_sidecar()) during += need;
    } else if (task.is_poststop()) {
      after += need;
    } else {
      during += need;
    }
  }
  raise_to(during, before);
  raise_to(during, after);
  during.disk_mb = group.ephemeral_disk.size_mb;
  during.cores = cores;
  return during;
}

Footprint capacity(const Node& node) {
  return {node.resources.cpu.shares - node.reserved.cpu.shares,
          node.resources.memory.mb - node.reserved.memory.mb,
          node.resources.disk.mb - node.reserved.disk.mb, node.resources.cpu.cores};
}

}  // namespace caravan::model
