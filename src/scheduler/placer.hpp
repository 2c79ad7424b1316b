// SPDX-License-Identifier: Apache-2.0
// Finds nodes for the copies of a job's groups, one after the other, each seeing what the earlier
// ones took. The best node wins, exactly; among equals, a draw from the evaluation decides.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "scheduler/ids.hpp"
#include "scheduler/plan.hpp"
#include "scheduler/search.hpp"

namespace caravan::scheduler {

struct Placement {
  Row row;
  state::Ref<model::Node> node;
  std::vector<model::PortMapping> ports;
  std::vector<int> cores;
  std::vector<model::AllocatedDevice> devices;
  model::PlacementScore score;
  std::shared_ptr<const model::AllocMetric> metrics;
  std::vector<state::Ref<model::Allocation>> preempted;  // these end to make room for it
};

class Placer {
 public:
  /// `allocs`: all of the job. References outlive it.
  Placer(Fleet& fleet, const model::Job& job,
         const std::vector<state::Ref<model::Allocation>>& allocs, Algorithm algorithm,
         IdSource& ids);

  /// What was just released on the fleet, or occupied, was a copy of this job.
  void released(Row row, const model::Allocation& alloc) { count(row, alloc, -1); }
  void occupied(Row row, const model::Allocation& alloc) { count(row, alloc, 1); }

  /// A node for one more copy of `group`, or nothing; then metrics() says why. `avoid`: nodes where
  /// it failed before, which count as worse but possible. `expected`: how many more are to come.
  std::optional<Placement> place(const model::TaskGroup& group,
                                 const std::vector<base::NodeId>& avoid, std::size_t expected);
  /// The same, but only on that node: system jobs, and updates in place.
  std::optional<Placement> place_on(const model::TaskGroup& group, const base::NodeId& node);

  /// The same where room was made just now; metrics() goes on saying why there was none.
  std::optional<Placement> place_in_room(const model::TaskGroup& group, Row row);
  /// What runs there changed, though no copy of this job did.
  void room_changed(Row row);

  /// Why the last search found nothing.
  const model::AllocMetric& metrics() const { return metrics_; }
  /// Nothing of the group is to be placed, for the reason that metrics() gives from now on.
  void refuse(const model::TaskGroup& group, std::vector<std::string> quota_exhausted);
  Search& search(const model::TaskGroup& group);
  Feasibility& feasibility(const model::TaskGroup& group) { return search(group).feasibility(); }
  /// "" when the group may run on the node at all, ready or not.
  const std::string& reason(const model::TaskGroup& group, const base::NodeId& node);

 private:
  void count(Row row, const model::Allocation& alloc, int by);
  std::optional<Placement> seat(Search& search, const model::TaskGroup& group,
                                const Search::Found& found, std::size_t expected);

  Fleet& fleet_;
  const model::Job& job_;
  IdSource& ids_;
  Algorithm algorithm_;
  std::uint64_t salt_;
  Copies copies_;
  std::map<std::string, Search> searches_;
  model::AllocMetric metrics_;
};

}  // namespace caravan::scheduler
