// SPDX-License-Identifier: Apache-2.0
// Which nodes could run a group at all, whatever else runs there. Constraints are compared once for
// each value of their attribute, and decided once for each kind of node, unless one looks at
// something unique to a node.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "scheduler/devices.hpp"
#include "scheduler/fleet.hpp"

namespace caravan::scheduler {

/// Ready nodes of the job's pool and datacenters.
std::vector<state::Ref<model::Node>> candidates(const state::Tables& tables, const model::Job& job);
/// Whether the job wants this node's datacenter and pool, ready or not.
bool wants_node(const model::Job& job, const model::Node& node);

/// What a node lacks.
enum class Lack { constraint, driver, device, network, volume };

/// Something that speaks against a node: "${attr.arch} = arm64", "docker", the name of a volume.
struct Objection {
  Lack lack;
  std::string subject;
};

class Feasibility {
 public:
  /// References outlive it.
  Feasibility(Fleet& fleet, const model::Job& job, const model::TaskGroup& group);

  /// "" when the node will do, else the reason as `ConstraintFiltered` shows it. Its pool and
  /// datacenter are not looked at.
  const std::string& reason(Row row);
  /// The same for all nodes of a kind. Precondition: not escaped.
  const std::string& reason_of_kind(std::uint32_t kind);
  /// By kind: the job wants it, and no constraint speaks against it; when escaped, each node still
  /// has to be asked.
  std::vector<char> allowed_kinds();
  /// reason() is "".
  bool allows(Row row);
  /// All that speaks against the node, where reason() gives the first.
  std::vector<Objection> objections(Row row) const;
  /// Whether the job wants nodes of this kind's pool and datacenter.
  bool wants(std::uint32_t kind) const { return wanted_[kind]; }
  /// A constraint looks at something that differs between nodes of one class.
  bool escaped() const { return escaped_; }
  /// How the group's devices are chosen; null when it wants none.
  const DeviceChoice* devices() const { return devices_.get(); }
  /// Computed class → whether it will do, of all ready nodes that the job wants; none when escaped.
  std::map<std::string, bool> by_class();

 private:
  /// One thing that has to hold, in the order in which reasons are given.
  struct Check {
    const Column* column = nullptr;  // null: `holds` has to be asked for each node
    std::vector<bool> allowed;       // by value
    std::function<bool(const model::Node&)> holds;
    std::uint32_t reason = 0;
    Objection objection;
    bool allows(const model::Node& node, Row row, std::uint32_t kind) const {
      return column ? allowed[column->at(row, kind)] : holds(node);
    }
  };

  void add(const std::vector<model::Constraint>& constraints);
  void add_driver(const std::string& name);
  void add_devices();
  void add_network();
  void add_volumes();
  std::uint32_t judge(const model::Node& node, Row row, std::uint32_t kind) const;
  std::uint32_t number_of_kind(std::uint32_t kind);
  std::uint32_t number(Row row);

  Fleet& fleet_;
  const model::TaskGroup& group_;
  std::shared_ptr<const DeviceChoice> devices_;
  bool escaped_ = false;
  std::vector<bool> wanted_;            // by kind
  std::vector<std::uint32_t> of_kind_;  // its reason, once it is known
  std::vector<Check> checks_;
  std::vector<std::string> reasons_ = {""};
};

}  // namespace caravan::scheduler
