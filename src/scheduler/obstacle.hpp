// SPDX-License-Identifier: Apache-2.0
// Everything that keeps one node from taking one more copy of a group: what the search stops at
// first, and what it would meet after that.
#pragma once

#include "scheduler/copies.hpp"
#include "scheduler/feasible.hpp"

namespace caravan::scheduler {

struct Obstacle {
  /// In the order of how easily a user gets over them.
  enum class Kind { amount, port, distinct, constraint, place, equipment, node };
  Kind kind;
  std::string subject;  // "memory", "port 8080", "${attr.arch} = arm64", "datacenter \"dc2\""
  std::string remedy;   // what would have to change: "ask for 300 MiB less memory"
  /// Of an amount: what is asked for beyond what is free, in its unit.
  std::int64_t short_by = 0;
  double share = 0;      // short_by of what is asked for
  base::AllocId holder;  // of a port: who has it, when an allocation does
  friend bool operator==(const Obstacle&, const Obstacle&) = default;
};

/// "amount", "port", …: for machines.
const char* name_of(Obstacle::Kind kind);

class Obstacles {
 public:
  /// References outlive it.
  Obstacles(const state::Tables& tables, Fleet& fleet, const Copies& copies, const model::Job& job,
            const model::TaskGroup& group);
  /// Empty when the node would take one more copy now.
  std::vector<Obstacle> of(Row row) const;

 private:
  void add_node(Row row, std::vector<Obstacle>& found) const;
  void add_place(const model::Node& node, std::vector<Obstacle>& found) const;
  void add_objections(Row row, std::vector<Obstacle>& found) const;
  void add_distinct(Row row, std::vector<Obstacle>& found) const;
  void add_amounts(Row row, std::vector<Obstacle>& found) const;
  void add_ports(Row row, std::vector<Obstacle>& found) const;
  void add_devices(Row row, std::vector<Obstacle>& found) const;
  base::AllocId holder_of(Row row, int port) const;

  const state::Tables& tables_;
  Fleet& fleet_;
  const Copies& copies_;
  const model::Job& job_;
  const model::TaskGroup& group_;
  const model::Footprint need_;
  Feasibility feasibility_;
};

}  // namespace caravan::scheduler
