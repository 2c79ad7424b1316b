// SPDX-License-Identifier: Apache-2.0
#include "server/plan_check.hpp"

#include "scheduler/ports.hpp"

namespace caravan::server {
namespace {

using model::Allocation;

struct OnNode {
  std::vector<const Allocation*> placed;
  std::set<base::AllocId> leaving;  // stopped, or replaced by an update in place
};

bool in_place(const state::Tables& tables, const Allocation& alloc) {
  return tables.alloc(alloc.id) != nullptr;
}

bool ports_are_free(const Allocation& alloc, std::set<int>& taken, const model::TaskGroup& group) {
  std::set<std::string> shared;  // labels that may collide on purpose
  for (const model::NetworkResource& network : group.networks)
    for (const model::Port& port : network.reserved_ports)
      if (port.ignore_collision) shared.insert(port.label);
  for (const model::PortMapping& port : alloc.ports)
    if (!taken.insert(port.value).second && !shared.contains(port.label)) return false;
  return true;
}

/// Everything the plan wants on this node, or nothing of it.
bool fits(const state::Tables& tables, const base::NodeId& id, const OnNode& wanted) {
  const state::Ref<model::Node> node = tables.node(id);
  const bool only_updates =
      std::ranges::all_of(wanted.placed, [&](const Allocation* a) { return in_place(tables, *a); });
  if (!node || (!node->is_ready() && !only_updates)) return false;
  model::Footprint used;
  std::set<int> ports;
  std::set<int> cores;
  for (const int port : scheduler::parse_port_list(node->reserved.networks.host_ports))
    ports.insert(port);
  const auto add = [&](const Allocation& alloc) {
    used += model::footprint(alloc.task_group());
    for (const int core : alloc.reserved_cores)
      if (!cores.insert(core).second) return false;
    return ports_are_free(alloc, ports, alloc.task_group());
  };
  for (const state::Ref<Allocation>& alloc : tables.allocs_of_node(id)) {
    if (alloc->terminal() || wanted.leaving.contains(alloc->id)) continue;
    if (!add(*alloc)) return false;
  }
  for (const Allocation* alloc : wanted.placed)
    if (!add(*alloc)) return false;
  const model::Footprint room = model::capacity(*node);
  return used.cpu <= room.cpu && used.memory_mb <= room.memory_mb && used.disk_mb <= room.disk_mb &&
         used.cores <= room.cores;
}

}  // namespace

CheckedPlan check_plan(const state::Tables& tables, const scheduler::Plan& plan) {
  std::map<base::NodeId, OnNode> nodes;
  for (const Allocation& alloc : plan.result.placed) {
    nodes[alloc.node_id].placed.push_back(&alloc);
    nodes[alloc.node_id].leaving.insert(alloc.id);
  }
  for (const wire::AllocStop& stop : plan.result.stopped)
    if (const state::Ref<Allocation> alloc = tables.alloc(stop.alloc_id))
      nodes[alloc->node_id].leaving.insert(alloc->id);
  std::set<base::NodeId> refused;
  for (const auto& [id, wanted] : nodes)
    if (!wanted.placed.empty() && !fits(tables, id, wanted)) refused.insert(id);

  CheckedPlan checked;
  checked.result = plan.result;
  std::set<base::AllocId> kept_running;  // their replacements were left out
  std::erase_if(checked.result.placed, [&](const Allocation& alloc) {
    if (!refused.contains(alloc.node_id) && !(plan.all_at_once && !refused.empty())) return false;
    kept_running.insert(alloc.previous_allocation);
    ++checked.dropped;
    return true;
  });
  std::erase_if(checked.result.stopped, [&](const wire::AllocStop& stop) {
    return kept_running.contains(stop.alloc_id) && stop.client_status != model::ClientStatus::lost;
  });
  for (const auto& [id, wanted] : nodes)
    checked.nodes.insert(id);
  return checked;
}

}  // namespace caravan::server
