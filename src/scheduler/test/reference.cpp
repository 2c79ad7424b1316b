// SPDX-License-Identifier: Apache-2.0
#include "scheduler/test/reference.hpp"

#include <cmath>

#include "base/text.hpp"
#include "scheduler/constraint.hpp"
#include "scheduler/ports.hpp"

namespace caravan::scheduler::reference {
namespace {

using model::Allocation;

bool is_live(const Allocation& alloc) {
  return !alloc.server_terminal() && !alloc.client_terminal();
}

template <class T>
std::vector<T> both(const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

bool meets(const Scene& scene, const model::TaskGroup& group, const model::Node& node) {
  const model::Job& job = scene.job;
  if (node.status != model::NodeStatus::ready || !node.eligible || node.drain) return false;
  if (job.node_pool != "all" && job.node_pool != node.node_pool) return false;
  if (std::ranges::none_of(job.datacenters, [&](const std::string& glob) {
        return base::glob_match(glob, node.datacenter);
      }))
    return false;
  std::vector<model::Constraint> constraints = both(job.constraints, group.constraints);
  for (const model::Task& task : group.tasks) {
    constraints = both(constraints, task.constraints);
    const auto driver = node.attributes.find("driver." + task.driver);
    if (driver == node.attributes.end() || driver->second != "1") return false;
  }
  return std::ranges::all_of(constraints, [&](const model::Constraint& c) {
    return matches(c.left, c.operand, c.right, node);
  });
}

int copies(const std::vector<const Allocation*>& allocs, const Scene& scene,
           const std::string& group) {
  return static_cast<int>(std::ranges::count_if(allocs, [&](const Allocation* a) {
    return a->job->id == scene.job.id && (group.empty() || a->group == group);
  }));
}

/// How many copies stand on nodes with each value; "" as group counts all groups of the job.
std::map<std::string, int> by_value(const Scene& scene, const std::string& group,
                                    const std::string& attribute) {
  std::map<std::string, int> counts;
  for (const Allocation* alloc : scene.of_job()) {
    if (!group.empty() && alloc->group != group) continue;
    if (!scene.job.find_group(alloc->group)) continue;
    const auto node = scene.tables.node(alloc->node_id);
    if (const auto value = node ? resolve(attribute, *node) : std::nullopt) ++counts[*value];
  }
  return counts;
}

bool is_distinct(const Scene& scene, const model::TaskGroup& group, const model::Node& node) {
  const auto check = [&](const model::Constraint& c, const std::string& scope) {
    if (c.operand == "distinct_hosts")
      return c.right == "false" || copies(scene.on_node(node.id), scene, scope) == 0;
    if (c.operand != "distinct_property") return true;
    const auto value = resolve(c.left, node);
    const int limit = c.right.empty() ? 1 : std::stoi(c.right);
    return value && by_value(scene, scope, c.left)[*value] < limit;
  };
  for (const model::Constraint& c : scene.job.constraints)
    if (!check(c, "")) return false;
  return std::ranges::all_of(group.constraints,
                             [&](const auto& c) { return check(c, group.name); });
}

bool has_ports(const Scene& scene, const model::TaskGroup& group, const model::Node& node) {
  std::set<int> taken, leaving;
  for (const int port : parse_port_list(node.reserved.networks.host_ports))
    taken.insert(port);
  for (const Allocation* alloc : scene.on_node(node.id))
    for (const model::PortMapping& port : alloc->ports)
      taken.insert(port.value);
  for (const AllocRef& alloc : scene.tables.allocs_of_node(node.id))
    if (!alloc->client_terminal() && (!is_live(*alloc) || scene.stopped.contains(alloc->id)))
      for (const model::PortMapping& port : alloc->ports)
        leaving.insert(port.value);
  int wanted = 0, free = 0;
  for (const model::NetworkResource& network : group.networks) {
    wanted += static_cast<int>(network.dynamic_ports.size());
    for (const model::Port& port : network.reserved_ports)
      if (!taken.insert(port.value).second) return false;
  }
  for (int port = node.resources.min_dynamic_port; port <= node.resources.max_dynamic_port; ++port)
    free += !taken.contains(port) && !leaving.contains(port);
  return wanted <= free;
}

double spread_score(const Scene& scene, const model::TaskGroup& group, const model::Node& node) {
  const std::vector<model::Spread> spreads = both(scene.job.spreads, group.spreads);
  double weights = 0, total = 0;
  for (const model::Spread& s : spreads)
    weights += s.weight;
  for (const model::Spread& s : spreads) {
    const auto value = resolve(s.attribute, node);
    if (!value) {
      total -= 1;
      continue;
    }
    std::map<std::string, int> counts = by_value(scene, group.name, s.attribute);
    if (!s.targets.empty()) {
      double percent = 100;
      for (const model::SpreadTarget& t : s.targets)
        percent -= t.percent;
      for (const model::SpreadTarget& t : s.targets)
        if (t.value == *value) percent = t.percent;
      const double desired = percent * group.count / 100;
      total += desired <= 0 ? -1 : (desired - (counts[*value] + 1)) / desired * s.weight / weights;
      continue;
    }
    if (counts.empty()) continue;
    const int mine = counts[*value];
    int least = mine, most = mine;
    for (const auto& [v, n] : counts) {
      least = std::min(least, n);
      most = std::max(most, n);
    }
    if (mine != least)
      total += least == 0 ? -1.0 : static_cast<double>(least - mine) / least;
    else if (least == most)
      total += -1;
    else
      total += least == 0 ? 1.0 : static_cast<double>(most - least) / least;
  }
  return total;
}

}  // namespace

std::vector<const Allocation*> Scene::on_node(const base::NodeId& id) const {
  std::vector<const Allocation*> list;
  for (const AllocRef& alloc : tables.allocs_of_node(id))
    if (is_live(*alloc) && !stopped.contains(alloc->id)) list.push_back(alloc.get());
  for (const Allocation& alloc : placed)
    if (alloc.node_id == id) list.push_back(&alloc);
  return list;
}

std::vector<const Allocation*> Scene::of_job() const {
  std::vector<const Allocation*> list;
  for (const AllocRef& alloc : tables.allocs_of_job(job.job_id()))
    if (is_live(*alloc) && !stopped.contains(alloc->id)) list.push_back(alloc.get());
  for (const Allocation& alloc : placed)
    list.push_back(&alloc);
  return list;
}

std::optional<double> score(const Scene& scene, const model::TaskGroup& group,
                            const model::Node& node, const std::set<base::NodeId>& avoid) {
  if (!meets(scene, group, node) || !is_distinct(scene, group, node) ||
      !has_ports(scene, group, node))
    return {};
  model::Footprint used = model::footprint(group);
  for (const Allocation* alloc : scene.on_node(node.id))
    used += model::footprint(alloc->task_group());
  const model::Footprint room = model::capacity(node);
  if (used.cpu > room.cpu || used.memory_mb > room.memory_mb || used.disk_mb > room.disk_mb ||
      used.cores > room.cores)
    return {};
  const double free_cpu = 1 - static_cast<double>(used.cpu) / static_cast<double>(room.cpu);
  const double free_mb =
      1 - static_cast<double>(used.memory_mb) / static_cast<double>(room.memory_mb);
  const double fit = 20 - std::pow(10, free_cpu) - std::pow(10, free_mb);
  std::vector<double> parts = {std::clamp(fit, 0.0, 18.0) / 18};
  if (const int n = copies(scene.on_node(node.id), scene, group.name); n > 0)
    parts.push_back(-(n + 1.0) / group.count);
  if (avoid.contains(node.id)) parts.push_back(-1);
  double matched = 0, weights = 0;
  for (const model::Affinity& a : both(scene.job.affinities, group.affinities)) {
    weights += std::abs(a.weight);
    if (matches(a.left, a.operand, a.right, node)) matched += a.weight;
  }
  if (matched != 0) parts.push_back(matched / weights);
  if (const double spread = spread_score(scene, group, node); spread != 0) parts.push_back(spread);
  double sum = 0;
  for (const double part : parts)
    sum += part;
  return sum / static_cast<double>(parts.size());
}

std::optional<double> best_score(const Scene& scene, const model::TaskGroup& group,
                                 const std::set<base::NodeId>& avoid) {
  std::optional<double> best;
  scene.tables.nodes.each([&](const base::NodeId&, const state::Ref<model::Node>& node) {
    if (const auto found = score(scene, group, *node, avoid); found && (!best || *found > *best))
      best = found;
  });
  return best;
}

}  // namespace caravan::scheduler::reference
