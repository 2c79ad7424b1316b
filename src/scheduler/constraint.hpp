// SPDX-License-Identifier: Apache-2.0
// Does a node satisfy what a job says about nodes? (facts: scheduler semantics, constraint
// operators.)
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "model/node.hpp"
#include "model/placement.hpp"

namespace re2 {
class RE2;
}

namespace caravan::scheduler {

using re2::RE2;

/// The value of "${attr.kernel.name}" (or node.*, meta.*) on a node; a text without "${" is itself.
/// Nothing when the node does not have it.
std::optional<std::string> resolve(const std::string& target, const model::Node& node);

/// A comparison with something that is known: made once, asked for many values.
class Comparison {
 public:
  Comparison(std::string operand, std::string right);
  ~Comparison();
  /// `left`: nothing when the node does not have it.
  bool holds(const std::optional<std::string>& left) const;

 private:
  std::string operand_, right_;
  std::unique_ptr<RE2> pattern_;  // null when the operand needs none
};

/// One comparison; `distinct_*` are not about one node and count as satisfied here. Values that
/// cannot be compared (a bad version, a bad pattern) do not satisfy.
bool matches(const std::string& left, const std::string& operand, const std::string& right,
             const model::Node& node);

/// The constraint looks at something that differs between nodes of one class.
bool escapes_class(const model::Constraint& constraint);

}  // namespace caravan::scheduler
