// SPDX-License-Identifier: Apache-2.0
#include "model/implied.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace caravan::model {
namespace {

constexpr const char* bridge_plugins[] = {"bridge", "firewall", "host-local", "loopback",
                                          "portmap"};

void add(std::vector<Constraint>& list, Constraint constraint) {
  if (std::ranges::find(list, constraint) == list.end()) list.push_back(std::move(constraint));
}

bool is_registered(const Service& service) { return service.provider == "consul"; }

bool needs_registry(const TaskGroup& group) {
  return std::ranges::any_of(group.services, is_registered) ||
         std::ranges::any_of(group.tasks, [](const Task& task) {
           return std::ranges::any_of(task.services, is_registered);
         });
}

}  // namespace

void add_implied_constraints(Job& job) {
  for (TaskGroup& group : job.groups) {
    if (needs_registry(group)) {
      Constraint constraint;
      constraint.left = "${attr.consul.version}";
      constraint.operand = "semver";
      constraint.right = ">= 1.8.0";
      add(group.constraints, std::move(constraint));
    }
    const bool bridged = std::ranges::any_of(
        group.networks, [](const NetworkResource& n) { return n.mode == "bridge"; });
    if (!bridged) continue;
    for (const char* plugin : bridge_plugins) {
      Constraint constraint;
      constraint.left = fmt::format("${{attr.plugins.cni.version.{}}}", plugin);
      constraint.operand = "semver";
      constraint.right = ">= 0.4.0";
      add(group.constraints, std::move(constraint));
    }
  }
}

}  // namespace caravan::model
