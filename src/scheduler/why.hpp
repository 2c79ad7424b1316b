// SPDX-License-Identifier: Apache-2.0
// Why a group's next copy goes where it would go, or nowhere: each class of nodes with what keeps
// its nodes from it, the best candidates with the parts of their scores, and the smallest change
// that would let it fit. Pure, and slow beside the search: every node is asked for everything that
// speaks against it.
#pragma once

#include "scheduler/obstacle.hpp"
#include "scheduler/search.hpp"

namespace caravan::scheduler {

struct ClassWhy {
  std::string node_class;  // "" for nodes without one
  int nodes = 0, fitting = 0;
  std::map<std::string, int> obstacles;  // subject → nodes that have it, some have several
};

struct Scored {
  base::NodeId id;
  std::string name, node_class;
  model::NodeScore score;
};

/// One change that would open at least one node.
struct Relaxation {
  std::vector<Obstacle> obstacles;  // of the node that is nearest to fitting
  int nodes = 0;                    // would fit with changes of this kind, some with larger ones
  base::NodeId node;
  std::string node_name;

  /// "ask for 300 MiB less memory (…), and drop the constraint …".
  std::string text() const;
};

struct GroupWhy {
  std::string group;
  int nodes = 0, fitting = 0;
  std::vector<ClassWhy> classes;
  std::vector<Scored> candidates;            // the best `candidates_shown`
  std::vector<Relaxation> relaxations;       // the smallest first; none when a node fits
  std::vector<std::string> quota_exhausted;  // whatever the nodes say
  std::vector<std::string> waits_for;        // what has to be healthy first
};

inline constexpr std::size_t candidates_shown = 5, relaxations_shown = 3;

/// About one more copy of `group` as `tables` are. `without`: an allocation that is thought away
/// first, or null. `salt`: draws the order of equals.
GroupWhy explain(const state::Tables& tables, Fleet& fleet, const model::Job& job,
                 const model::TaskGroup& group, const model::Allocation* without,
                 std::uint64_t salt);

}  // namespace caravan::scheduler
