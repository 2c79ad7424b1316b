// SPDX-License-Identifier: Apache-2.0
// Room for an important job at the cost of less important ones, when no node has any: on each node
// that would do, victims.hpp says what would have to end; the node where the placement and their
// end score best together wins. One plan at a time; it remembers whom it ended.
#pragma once

#include <set>

#include "scheduler/search.hpp"
#include "scheduler/victims.hpp"

namespace caravan::scheduler {

class Preemption {
 public:
  struct Choice {
    Row row;
    Victims victims;
    model::PlacementScore parts;
    double score;
  };

  /// References outlive it.
  Preemption(const state::Tables& tables, const Fleet& fleet, const model::Job& job);

  /// Operators let jobs of this type and pool preempt.
  bool is_allowed() const { return allowed_; }
  /// The best node for one more copy of the search's group. `avoid`: as for Search::best.
  std::optional<Choice> best(Search& search, const std::vector<Row>& avoid);
  /// The same, but only there.
  std::optional<Choice> on(Search& search, Row row);
  /// They end; what they held was released.
  void ended(const Victims& victims);
  /// The node turned out not to do, until something changes on it.
  void reject(const Search& search, Row row);
  /// Something was placed there, or stopped.
  void changed(Row row);

 private:
  struct Known {
    bool is_known = false;
    std::optional<Victims> victims;
  };
  using GroupKey = std::pair<base::JobId, std::string>;

  const std::optional<Victims>& victims_on(const Search& search, Row row);
  std::vector<Candidate> candidates_on(Row row) const;
  bool is_over_limit(const model::Allocation& alloc) const;

  const state::Tables& tables_;
  const Fleet& fleet_;
  const model::Job& job_;
  const bool allowed_;
  std::set<base::AllocId> ended_;
  std::map<GroupKey, int> ended_of_group_;
  // By search, then by row. Only looked up, so the order of addresses decides nothing.
  std::map<const Search*, std::vector<Known>> known_;
};

}  // namespace caravan::scheduler
