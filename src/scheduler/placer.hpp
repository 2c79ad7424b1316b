// SPDX-License-Identifier: Apache-2.0
// Finds nodes for the copies of a job's groups, one after the other, each seeing what the earlier
// ones took. The best node wins, exactly: every feasible node is scored once, and after a placement
// only the node that changed is scored again (a heap of n nodes serves k placements in O(n + k log
// n)). Ties are broken by an order drawn from the evaluation, so that equal nodes share the load.
//
// Penalties of one placement, spread and distinct_property make scores depend on more than their
// own node; then all feasible nodes are scored again for that placement.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "scheduler/feasible.hpp"
#include "scheduler/ids.hpp"
#include "scheduler/plan.hpp"
#include "scheduler/ports.hpp"
#include "scheduler/score.hpp"

namespace caravan::scheduler {

struct Placement {
  state::Ref<model::Node> node;
  std::vector<model::PortMapping> ports;
  std::vector<int> cores;
  std::shared_ptr<const model::AllocMetric> metrics;
};

class Placer {
 public:
  Placer(const state::Tables& tables, const model::Job& job,
         std::vector<state::Ref<model::Node>> nodes, IdSource& ids);
  ~Placer();

  /// The plan stops it: its resources are free for what comes next.
  void release(const model::Allocation& alloc);
  /// The plan keeps or moves something there that the tables do not have yet.
  void occupy(const model::Allocation& alloc);

  /// A node for one more copy of `group`, or nothing; then metrics() says why. `avoid`: nodes where
  /// it failed before, which count as worse but possible.
  std::optional<Placement> place(const model::TaskGroup& group,
                                 const std::vector<base::NodeId>& avoid);
  /// The same, but only on that node: system jobs, and updates in place.
  std::optional<Placement> place_on(const model::TaskGroup& group, const base::NodeId& node);

  /// What the last search saw.
  const model::AllocMetric& metrics() const { return metrics_; }
  Feasibility& feasibility(const model::TaskGroup& group);

 private:
  struct Seat;    // a node with what is used on it
  struct Search;  // a group's feasible nodes and their heap

  Search& search_for(const model::TaskGroup& group);
  std::string full(const Seat& seat, const model::TaskGroup& group) const;
  std::string distinct(const Seat& seat, const model::TaskGroup& group) const;
  Score score(const Seat& seat, const model::TaskGroup& group,
              const std::vector<base::NodeId>& avoid) const;
  double spread_score(const Seat& seat, const model::TaskGroup& group) const;
  std::optional<Placement> seat(std::size_t index, Search& search, Score score);
  std::optional<Placement> best_of_all(Search& search, const std::vector<base::NodeId>& avoid);
  std::optional<Placement> best_of_heap(Search& search);
  void count(const Seat& seat, const model::Allocation& alloc, int by);
  void note_exhausted(const Seat& seat, const std::string& dimension);

  const state::Tables& tables_;
  const model::Job& job_;
  IdSource& ids_;
  Algorithm algorithm_;
  std::vector<Seat> seats_;
  std::unordered_map<base::NodeId, std::size_t> seat_of_;
  std::map<std::string, std::unique_ptr<Search>> searches_;
  std::map<std::string, Feasibility> feasibility_;
  /// Copies of this job by attribute value, for spread and distinct_property: "group\0${attr}" →
  /// value → n.
  std::map<std::string, std::map<std::string, int>> by_value_;
  model::AllocMetric metrics_;
};

}  // namespace caravan::scheduler
