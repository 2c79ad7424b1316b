// SPDX-License-Identifier: Apache-2.0
// Where a job's copies are: by node and group, and by the values of the attributes that its spreads
// and distinct_property constraints look at.
#pragma once

#include <deque>

#include "scheduler/fleet.hpp"

namespace caravan::scheduler {

/// How many copies have each value of an attribute.
struct Tally {
  std::string group;  // only copies of this one are counted; "" counts all of the job
  std::string attribute;
  const Column* column;
  std::vector<int> counts;  // by value; 0, the nodes without the attribute, stays 0
};

class Copies {
 public:
  /// Counts `allocs`, those of the job that are wanted and not over. References outlive it.
  Copies(Fleet& fleet, const model::Job& job,
         const std::vector<state::Ref<model::Allocation>>& allocs);

  /// By row; empty as long as there are none. The reference stays good.
  const std::vector<int>& of_group(const std::string& group) const { return by_group_.at(group); }
  int of_job(Row row) const { return of_job_.empty() ? 0 : of_job_[row]; }
  void count(Row row, const std::string& group, int by);

  /// Precondition: a spread or a distinct_property of that scope names the attribute.
  const Tally& tally(const std::string& group, const std::string& attribute) const;
  /// Grows whenever a tally may have changed.
  std::uint64_t changes() const { return changes_; }

 private:
  void add_tally(const std::string& group, const std::string& attribute);

  Fleet& fleet_;
  const model::Job& job_;
  std::vector<int> of_job_;                           // by row
  std::map<std::string, std::vector<int>> by_group_;  // by row
  std::deque<Tally> tallies_;
  std::uint64_t changes_ = 0;
};

/// The constraints of a kind that hold for a group: the job's count every group, its own only
/// itself. Calls `use(constraint, scope)`, with scope "" for the job's.
template <class Use>
void each_distinct(const model::Job& job, const model::TaskGroup& group, std::string_view operand,
                   Use use) {
  static const std::string whole_job;
  for (const model::Constraint& c : job.constraints)
    if (c.operand == operand) use(c, whole_job);
  for (const model::Constraint& c : group.constraints)
    if (c.operand == operand) use(c, group.name);
}

/// How many copies may share a value of the attribute.
int distinct_limit(const model::Constraint& constraint);

}  // namespace caravan::scheduler
