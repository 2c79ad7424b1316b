// SPDX-License-Identifier: Apache-2.0
// What must change for one group of a system or sysbatch job: a copy belongs on every node that
// will do. A node has one copy at a time, so a canary stands where an old copy stood, and `canary`
// of the update block is the share of the nodes that get one, in percent.
#pragma once

#include <functional>

#include "scheduler/reconcile.hpp"

namespace caravan::scheduler {

struct Suitable {
  std::vector<base::NodeId> ready;  // a copy belongs on each
  /// Ready or not: what runs there may stay.
  std::function<bool(const base::NodeId&)> suits;
};

/// The diff's `place` has a node in each entry, and its `total` is the number of nodes.
GroupDiff reconcile_nodes(const GroupQuestion& question, const std::vector<AllocRef>& allocs,
                          const Suitable& nodes);

}  // namespace caravan::scheduler
