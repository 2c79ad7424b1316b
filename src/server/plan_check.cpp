// SPDX-License-Identifier: Apache-2.0
#include "server/plan_check.hpp"

#include "scheduler/victims.hpp"

namespace caravan::server {

using model::Allocation;
using scheduler::Row;

struct PlanCheck::OnNode {
  std::vector<const Allocation*> placed;
  std::vector<state::Ref<Allocation>> leaving;  // stopped, or replaced by an update in place
  bool only_updates = true;
};

namespace {

scheduler::Fleet& followed(scheduler::Fleet& fleet, const state::Tables& tables) {
  fleet.follow(tables);
  return fleet;
}

template <class T, class U>
bool contains(const std::vector<T>& sorted, U value) {
  return std::ranges::binary_search(sorted, static_cast<T>(value));
}

/// A label that may collide on purpose.
bool may_collide(const model::TaskGroup& group, const std::string& label) {
  for (const model::NetworkResource& network : group.networks)
    for (const model::Port& port : network.reserved_ports)
      if (port.ignore_collision && port.label == label) return true;
  return false;
}

}  // namespace

PlanCheck::PlanCheck(const state::Tables& tables, scheduler::Fleet& fleet)
    : tables_(tables), fleet_(fleet), draft_(followed(fleet, tables)) {}

/// There is room for one more on the node as it is in the draft.
bool PlanCheck::takes(Row row, const Allocation& alloc) const {
  const model::Footprint need = model::footprint(alloc.task_group());
  const model::Footprint& free = fleet_.seat(row).free;
  if (need.cpu > free.cpu || need.memory_mb > free.memory_mb || need.disk_mb > free.disk_mb ||
      need.cores > free.cores)
    return false;
  const scheduler::Held& held = fleet_.held(row);
  for (const int core : alloc.reserved_cores)
    if (contains(held.cores, core)) return false;
  for (std::size_t i = 0; i < alloc.ports.size(); ++i) {
    const model::PortMapping& port = alloc.ports[i];
    bool taken =
        contains(held.ports, port.value) || contains(fleet_.reserved_ports(row), port.value);
    for (std::size_t other = 0; other < i; ++other)
      taken = taken || alloc.ports[other].value == port.value;
    if (taken && !may_collide(alloc.task_group(), port.label)) return false;
  }
  // One that was there before has its devices, also where a copy that is ending still holds them.
  return tables_.alloc(alloc.id) || has_devices(row, alloc);
}

/// Its instances are the node's, well, and nobody else's.
bool PlanCheck::has_devices(Row row, const Allocation& alloc) const {
  std::set<std::string> given;
  for (const model::AllocatedDevice& device : alloc.devices) {
    const auto& groups = fleet_.node(row)->resources.devices;
    const std::string name = model::device_group(device);
    const auto group =
        std::ranges::find_if(groups, [&](const auto& g) { return model::device_group(g) == name; });
    if (group == groups.end()) return false;
    for (const std::string& id : device.ids) {
      const auto instance = std::ranges::find(group->instances, id, &model::NodeDevice::id);
      const std::string key = model::device_key(name, id);
      if (instance == group->instances.end() || !instance->healthy || !given.insert(key).second ||
          std::ranges::binary_search(fleet_.held(row).devices, key))
        return false;
    }
  }
  return true;
}

/// Everything the plan wants on this node, or nothing of it. Leaves the draft as it was.
bool PlanCheck::fits(Row row, const OnNode& wanted) {
  if (row == scheduler::no_row) return false;
  if (!fleet_.seat(row).ready && !wanted.only_updates) return false;
  for (const state::Ref<Allocation>& alloc : wanted.leaving)
    draft_.release(row, *alloc);
  std::size_t taken = 0;
  for (; taken < wanted.placed.size() && takes(row, *wanted.placed[taken]); ++taken)
    draft_.occupy(row, *wanted.placed[taken]);
  for (std::size_t i = 0; i < taken; ++i)
    draft_.release(row, *wanted.placed[i]);
  for (const state::Ref<Allocation>& alloc : wanted.leaving)
    draft_.occupy(row, *alloc);
  return taken == wanted.placed.size();
}

/// What it adds does not fit into the quota of its namespace any more.
bool PlanCheck::exceeds_quota(const scheduler::Plan& plan) const {
  if (tables_.quotas.size() == 0 || plan.result.placed.empty()) return false;
  const model::Job& job = *plan.result.placed[0].job;
  const state::Ref<model::Quota> quota = scheduler::quota_of(tables_, job.ns);
  if (!quota) return false;
  scheduler::QuotaGate gate(tables_, fleet_.quotas(), job);
  for (const auto& [ns, amounts] : counted_)
    if (scheduler::quota_of(tables_, ns) == quota) gate.add(amounts);
  for (const wire::AllocStop& stop : plan.result.stopped) {
    const state::Ref<Allocation> alloc = tables_.alloc(stop.alloc_id);
    const bool ends = stop.followup_eval_id.is_nil() || !stop.description.empty();
    if (ends && alloc && !alloc->terminal() && !gone_.contains(alloc->id) &&
        scheduler::quota_of(tables_, alloc->job->ns) == quota)
      gate.remove(alloc->task_group());
  }
  for (const Allocation& alloc : plan.result.placed) {
    if (tables_.alloc(alloc.id)) continue;  // an update in place
    if (!gate.exceeded(alloc.task_group()).empty()) return true;
    gate.add(alloc.task_group());
  }
  return false;
}

void PlanCheck::count(const Allocation& alloc, bool comes) {
  if (tables_.quotas.size() == 0) return;
  model::QuotaAmounts& counted = counted_[alloc.job->ns];
  if (comes)
    counted += model::quota_amounts(alloc.task_group());
  else
    counted -= model::quota_amounts(alloc.task_group());
}

/// What passed is there for the plans after it.
void PlanCheck::apply(const wire::PlanResult& result) {
  const auto leave = [&](const base::AllocId& id) {
    const state::Ref<Allocation> alloc = tables_.alloc(id);
    if (!alloc || alloc->terminal() || !gone_.insert(id).second) return;
    count(*alloc, false);
    if (const Row row = fleet_.row_of(alloc->node_id); row != scheduler::no_row)
      draft_.release(row, *alloc);
  };
  for (const wire::AllocStop& stop : result.stopped)
    if (stop.followup_eval_id.is_nil() || !stop.description.empty()) leave(stop.alloc_id);
  for (const Allocation& alloc : result.placed) {
    leave(alloc.id);  // an update in place
    count(alloc, true);
    draft_.occupy(fleet_.row_of(alloc.node_id), alloc);
  }
}

/// What is to end for a placement is still so much less important. One that has ended meanwhile
/// gives no offence.
bool PlanCheck::may_end(const wire::AllocStop& stop, const scheduler::Plan& plan) const {
  const state::Ref<Allocation> victim = tables_.alloc(stop.alloc_id);
  const auto placed = std::ranges::find(plan.result.placed, stop.preempted_by, &Allocation::id);
  if (placed == plan.result.placed.end()) return false;
  return !victim || victim->terminal() || scheduler::may_end_for(*placed->job, *victim->job);
}

/// Nobody is preempted who has ended already.
void PlanCheck::forget_ended(wire::PlanResult& result) const {
  std::set<base::AllocId> ended;
  std::erase_if(result.stopped, [&](const wire::AllocStop& stop) {
    if (stop.preempted_by.is_nil()) return false;
    const state::Ref<Allocation> alloc = tables_.alloc(stop.alloc_id);
    if (alloc && !alloc->terminal() && !gone_.contains(alloc->id)) return false;
    ended.insert(stop.alloc_id);
    return true;
  });
  if (ended.empty()) return;
  for (Allocation& alloc : result.placed)
    std::erase_if(alloc.preempted_allocations,
                  [&](const base::AllocId& id) { return ended.contains(id); });
}

CheckedPlan PlanCheck::check(scheduler::Plan plan) {
  std::map<base::NodeId, OnNode> nodes;
  std::set<base::AllocId> left;
  const auto leaves = [&](OnNode& node, const state::Ref<Allocation>& alloc) {
    if (alloc->terminal() || gone_.contains(alloc->id)) return;
    if (left.insert(alloc->id).second) node.leaving.push_back(alloc);
  };
  for (const Allocation& alloc : plan.result.placed) {
    OnNode& node = nodes[alloc.node_id];
    node.placed.push_back(&alloc);
    if (const state::Ref<Allocation> old = tables_.alloc(alloc.id))
      leaves(node, old);
    else
      node.only_updates = false;
  }
  std::set<base::NodeId> refused;
  for (const wire::AllocStop& stop : plan.result.stopped) {
    const state::Ref<Allocation> alloc = tables_.alloc(stop.alloc_id);
    if (!alloc) continue;
    leaves(nodes[alloc->node_id], alloc);
    if (!stop.preempted_by.is_nil() && !may_end(stop, plan)) refused.insert(alloc->node_id);
  }
  for (const auto& [id, wanted] : nodes)
    if (!wanted.placed.empty() && !fits(fleet_.row_of(id), wanted)) refused.insert(id);

  if (exceeds_quota(plan))
    for (const auto& [id, wanted] : nodes)
      if (!wanted.only_updates) refused.insert(id);

  CheckedPlan checked;
  checked.result = std::move(plan.result);
  std::set<base::AllocId> kept_running;  // their replacements were left out
  std::set<base::AllocId> left_out;
  if (!refused.empty())
    std::erase_if(checked.result.placed, [&](const Allocation& alloc) {
      if (!refused.contains(alloc.node_id) && !plan.all_at_once) return false;
      kept_running.insert(alloc.previous_allocation);
      left_out.insert(alloc.id);
      ++checked.dropped;
      return true;
    });
  std::erase_if(checked.result.stopped, [&](const wire::AllocStop& stop) {
    if (left_out.contains(stop.preempted_by)) return true;
    return kept_running.contains(stop.alloc_id) && stop.client_status != model::ClientStatus::lost;
  });
  forget_ended(checked.result);
  apply(checked.result);
  return checked;
}

}  // namespace caravan::server
