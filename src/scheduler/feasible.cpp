// SPDX-License-Identifier: Apache-2.0
#include "scheduler/feasible.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "scheduler/constraint.hpp"

namespace caravan::scheduler {
namespace {

const model::Constraint* unmet(const std::vector<model::Constraint>& constraints,
                               const model::Node& node) {
  const auto found = std::ranges::find_if(constraints, [&](const model::Constraint& c) {
    return !matches(c.left, c.operand, c.right, node);
  });
  return found == constraints.end() ? nullptr : &*found;
}

bool has_driver(const model::Node& node, const std::string& name) {
  const auto info = node.drivers.find(name);
  if (info != node.drivers.end()) return info->second.detected && info->second.healthy;
  const auto attribute = node.attributes.find("driver." + name);
  return attribute != node.attributes.end() &&
         (attribute->second == "1" || attribute->second == "true");
}

bool has_volumes(const model::Node& node, const model::TaskGroup& group) {
  for (const auto& [name, request] : group.volumes) {
    if (request.type != "host") continue;
    const auto volume = node.host_volumes.find(request.source);
    if (volume == node.host_volumes.end()) return false;
    if (volume->second.read_only && !request.read_only) return false;
  }
  return true;
}

bool has_mode(const model::Node& node, const std::string& mode) {
  if (mode.empty() || mode == "host" || mode == "none") return true;
  return std::ranges::any_of(node.resources.networks,
                             [&](const auto& network) { return network.mode == mode; });
}

std::string missing_network(const model::Node& node, const model::TaskGroup& group) {
  for (const model::NetworkResource& network : group.networks) {
    if (!has_mode(node, network.mode)) return "missing network";
    for (const std::vector<model::Port>* ports : {&network.reserved_ports, &network.dynamic_ports})
      for (const model::Port& port : *ports)
        if (port.host_network != "default" && !node.host_networks.contains(port.host_network))
          return fmt::format("missing host network \"{}\" for port \"{}\"", port.host_network,
                             port.label);
  }
  return "";
}

}  // namespace

bool wants_node(const model::Job& job, const model::Node& node) {
  if (job.node_pool != "all" && job.node_pool != node.node_pool) return false;
  return std::ranges::any_of(job.datacenters, [&](const std::string& glob) {
    return base::glob_match(glob, node.datacenter);
  });
}

std::vector<state::Ref<model::Node>> candidates(const state::Tables& tables,
                                                const model::Job& job) {
  std::vector<state::Ref<model::Node>> nodes;
  tables.nodes.each([&](const base::NodeId&, const state::Ref<model::Node>& node) {
    if (node->is_ready() && wants_node(job, *node)) nodes.push_back(node);
  });
  return nodes;
}

Feasibility::Feasibility(const model::Job& job, const model::TaskGroup& group)
    : job_(job), group_(group) {
  const auto look = [&](const std::vector<model::Constraint>& constraints) {
    escaped_ = escaped_ || std::ranges::any_of(constraints, escapes_class);
  };
  look(job.constraints);
  look(group.constraints);
  for (const model::Task& task : group.tasks)
    look(task.constraints);
}

const std::string& Feasibility::reason(const model::Node& node) {
  if (escaped_) return scratch_ = judge(node);
  const auto known = by_class_.find(node.computed_class);
  if (known != by_class_.end()) return known->second;
  return by_class_[node.computed_class] = judge(node);
}

std::string Feasibility::judge(const model::Node& node) const {
  if (const model::Constraint* c = unmet(job_.constraints, node)) return model::to_string(*c);
  for (const model::Task& task : group_.tasks)
    if (!has_driver(node, task.driver)) return "missing drivers";
  if (const model::Constraint* c = unmet(group_.constraints, node)) return model::to_string(*c);
  for (const model::Task& task : group_.tasks)
    if (const model::Constraint* c = unmet(task.constraints, node)) return model::to_string(*c);
  if (std::string missing = missing_network(node, group_); !missing.empty()) return missing;
  if (!has_volumes(node, group_)) return "missing compatible host volumes";
  return "";
}

}  // namespace caravan::scheduler
