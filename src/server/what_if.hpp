// SPDX-License-Identifier: Apache-2.0
// A cluster that could be: nodes taken away or added on a copy of the state, and what that does to
// the jobs that live there. Pure; commits nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scheduler/plan.hpp"

namespace caravan::server {

/// "node-down=<id or name>" or "node-add=<class>:<count>".
struct Supposition {
  enum class Kind { node_down, node_add } kind;
  std::string subject;  // the node, or the class
  int count = 0;
};

/// Suppositions of one question, and nodes that one of them adds.
inline constexpr std::size_t suppositions_max = 64;
inline constexpr int nodes_added_max = 1'000;
/// Jobs beside the one in question that are looked at again, the most important first.
inline constexpr std::size_t jobs_affected_max = 100;

/// Errors: invalid, with what is wrong and what is possible.
base::Result<Supposition> parse_supposition(const std::string& text);

/// What becomes of another job.
struct Affected {
  base::JobId job;
  int priority = 0;
  int placed = 0, stopped = 0;
  std::map<std::string, model::AllocMetric> failed_groups;
};

class WhatIf {
 public:
  /// `tables` is changed; it outlives this.
  WhatIf(state::Tables& tables, base::Instant now) : tables_(tables), now_(now) {}

  /// Errors: invalid: no such node or class, or several.
  base::Status suppose(const Supposition& supposition);
  /// Lets the jobs that lost something, or that want to be on every node, be scheduled; all but
  /// `asked`, those more important than it when `before`, else the others.
  std::vector<Affected> settle(const model::Job& asked, bool before);
  /// Affected jobs beyond the limit, which were not looked at.
  std::size_t left_out() const { return left_out_; }

 private:
  base::Status take_down(const std::string& node);
  base::Status add(const std::string& node_class, int count);
  std::vector<state::Ref<model::Job>> affected(const model::Job& asked) const;
  Affected schedule(const model::Job& job);

  state::Tables& tables_;
  base::Instant now_;
  std::uint8_t drawn_ = 0;  // for ids
  std::uint32_t added_ = 0;
  std::vector<base::NodeId> down_;
  std::size_t left_out_ = 0;
};

}  // namespace caravan::server
