// SPDX-License-Identifier: Apache-2.0
// All nodes in dense rows, with what is free on each: what the scheduler scans. A fleet is a pure
// function of a snapshot and follows the next one by what changed in between, so that an evaluation
// costs what it places and not what the cluster holds.
//
// While a plan is made, its placements and stops are tried out on the fleet itself (Draft) and
// taken back at the end. One evaluation at a time; not for several threads.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "scheduler/column.hpp"
#include "scheduler/quota.hpp"
#include "state/tables.hpp"

namespace caravan::scheduler {

using Row = std::uint32_t;
inline constexpr Row no_row = ~Row(0);

/// What the scan reads of a node: one cache line.
struct alignas(64) Seat {
  model::Footprint free;
  double cpu_power = 1, memory_power = 1;  // 10 to the share that is free: see score.hpp
  std::uint64_t word = 0;                  // of the node's id; orders equals
  std::uint32_t kind = 0;                  // nodes of one kind are alike to every constraint
  std::uint32_t size : 31 = 0;             // and of one size have the same to give
  bool ready : 1 = false;
};

/// What an allocation takes besides amounts. Sorted; a port stands once for each that holds it.
struct Held {
  std::vector<std::uint16_t> ports, leaving;  // leaving: of those that were told to stop
  std::vector<int> cores;
  /// device_key of each instance, until its node says that the allocation has ended.
  std::vector<std::string> devices;
};

/// What `name` is on a node; nothing when the node does not have it.
using NodeValue = std::optional<std::string> (*)(const std::string& name, const model::Node& node);

struct Kind {
  state::Ref<model::Node> sample;
  std::uint32_t ready = 0;  // this many of its nodes are
};

class Fleet {
 public:
  Fleet() = default;
  explicit Fleet(const state::Tables& tables) { follow(tables); }

  /// Becomes what `tables` says, whatever it was before. O(changes · log n). Precondition: no draft
  /// is open.
  void follow(const state::Tables& tables);

  /// Rows are in the order of node ids.
  std::size_t size() const { return seats_.size(); }
  Row row_of(const base::NodeId& id) const;
  const Seat& seat(Row row) const { return seats_[row]; }
  const state::Ref<model::Node>& node(Row row) const { return nodes_[row]; }
  const model::Footprint& capacity(Row row) const { return capacities_[row]; }
  const Held& held(Row row) const { return held_[row]; }
  /// Ports that the node's operator keeps back, sorted.
  const std::vector<std::uint16_t>& reserved_ports(Row row) const { return *reserved_[row]; }
  const std::vector<Kind>& kinds() const { return kinds_; }
  /// CPU and memory of the sizes that there are.
  const std::vector<std::pair<std::int64_t, std::int64_t>>& sizes() const { return sizes_; }

  /// What counts against quotas.
  const QuotaLedger& quotas() const { return quotas_; }

  /// The values of "${…}" on all nodes. Valid until the fleet follows again.
  const Column& column(const std::string& target);
  /// The same for anything else that has a name of its own.
  const Column& column(const std::string& name, NodeValue value);

  /// Changes that a plan tries out; gone when it ends.
  class Draft {
   public:
    explicit Draft(Fleet& fleet) : fleet_(fleet) { fleet_.begin_draft(); }
    ~Draft() { fleet_.end_draft(); }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    void occupy(Row row, const model::Allocation& alloc) { fleet_.try_out(row, alloc, 1); }
    /// The plan stops it: what it held is free, but its ports are not given out at random.
    void release(Row row, const model::Allocation& alloc) { fleet_.try_out(row, alloc, -1); }

   private:
    Fleet& fleet_;
  };

 private:
  struct Undo {
    Row row;
    Seat seat;
    Held held;
  };

  void begin_draft();
  void end_draft();
  void try_out(Row row, const model::Allocation& alloc, int sign);
  void set_node(Row row, const state::Ref<model::Node>& node);
  void insert_rows(std::vector<state::Ref<model::Node>> added, std::size_t removed);
  void count(Row row, const model::Allocation& alloc, int sign);
  void use(Row row, const model::Footprint& amount, int sign);
  void set_powers(Row row);
  std::uint32_t kind_of(const state::Ref<model::Node>& node);
  std::shared_ptr<const std::vector<std::uint16_t>> ports_of(const std::string& list);

  state::Tree<base::NodeId, state::Ref<model::Node>> known_nodes_;
  state::Tree<base::AllocId, state::Ref<model::Allocation>> known_allocs_;
  std::vector<Seat> seats_;
  std::vector<Held> held_;
  std::vector<state::Ref<model::Node>> nodes_;  // null: gone, until the rows are put in order
  std::vector<model::Footprint> capacities_;
  std::vector<std::shared_ptr<const std::vector<std::uint16_t>>> reserved_;
  std::unordered_map<base::NodeId, Row> row_of_;
  std::vector<Kind> kinds_;
  std::unordered_map<std::string, std::uint32_t> kind_index_;
  std::vector<std::pair<std::int64_t, std::int64_t>> sizes_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::uint32_t> size_index_;
  std::map<std::string, std::shared_ptr<const std::vector<std::uint16_t>>> port_lists_;
  std::map<std::string, Column> columns_;
  QuotaLedger quotas_;
  std::vector<Undo> undo_;
  std::vector<bool> in_undo_;  // by row, while a draft is open
  bool drafting_ = false;
};

}  // namespace caravan::scheduler
