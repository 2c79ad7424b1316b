// SPDX-License-Identifier: Apache-2.0
// Which allocations of one node end so that one more copy of a group fits on it. The rule:
//
//   1. Holders of static ports that the group asks for end in any case.
//   2. Then, while cpu, memory, disk or cores are short, one after the other: of the least
//   important
//      job first; among equals those whose group has not moved as many yet as its `migrate` block
//      lets move at a time; then the one whose size comes closest to what is still short; then the
//      lowest id. What has nothing of what is short is left alone.
//   3. Whom the later ones made superfluous goes on, the most important and last chosen first.
#pragma once

#include <optional>
#include <vector>

#include "scheduler/fleet.hpp"

namespace caravan::scheduler {

/// Jobs end only for those whose priority is higher by as much. Source: the public documentation
/// of preemption.
inline constexpr int priority_gap_min = 10;

struct Candidate {
  state::Ref<model::Allocation> alloc;
  bool is_over_limit = false;  // as many of its group end already as may move at a time
};

struct Victims {
  std::vector<state::Ref<model::Allocation>> allocs;  // in the order in which they were chosen
  model::Footprint freed;
};

/// An allocation of `other` may end for one of `job`, as far as these two go.
bool may_end_for(const model::Job& job, const model::Job& other);

/// Pure. Nothing when the end of all candidates would not make room. Precondition: the candidates
/// are all on that node, and count in the fleet.
std::optional<Victims> choose_victims(const Fleet& fleet, Row row, const model::TaskGroup& group,
                                      std::vector<Candidate> candidates);

/// How bearable their end is, 0..1: best when there are few and all are unimportant.
double preemption_score(const Victims& victims);

}  // namespace caravan::scheduler
