// SPDX-License-Identifier: Apache-2.0
// Which nodes could run a group at all, whatever else runs there. Decided once per computed class,
// unless a constraint looks at something unique to a node.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "state/tables.hpp"

namespace caravan::scheduler {

/// Ready nodes of the job's pool and datacenters.
std::vector<state::Ref<model::Node>> candidates(const state::Tables& tables, const model::Job& job);
/// Whether the job wants this node's datacenter and pool, ready or not.
bool wants_node(const model::Job& job, const model::Node& node);

class Feasibility {
 public:
  Feasibility(const model::Job& job, const model::TaskGroup& group);

  /// "" when the node will do, else the reason as `ConstraintFiltered` shows it.
  const std::string& reason(const model::Node& node);
  bool escaped() const { return escaped_; }
  /// Of the classes met so far.
  const std::unordered_map<std::string, std::string>& by_class() const { return by_class_; }

 private:
  std::string judge(const model::Node& node) const;

  const model::Job& job_;
  const model::TaskGroup& group_;
  bool escaped_ = false;
  std::unordered_map<std::string, std::string> by_class_;
  std::string scratch_;
};

}  // namespace caravan::scheduler
