// SPDX-License-Identifier: Apache-2.0
// Does a node satisfy what a job says about nodes? (facts: scheduler semantics, constraint
// operators.)
#pragma once

#include <optional>
#include <string>

#include "model/node.hpp"
#include "model/placement.hpp"

namespace caravan::scheduler {

/// The value of "${attr.kernel.name}" (or node.*, meta.*) on a node; a text without "${" is itself.
/// Nothing when the node does not have it.
std::optional<std::string> resolve(const std::string& target, const model::Node& node);

/// One comparison; `distinct_*` are not about one node and count as satisfied here. Values that
/// cannot be compared (a bad version, a bad pattern) do not satisfy.
bool matches(const std::string& left, const std::string& operand, const std::string& right,
             const model::Node& node);

/// The constraint looks at something that differs between nodes of one class.
bool escapes_class(const model::Constraint& constraint);

}  // namespace caravan::scheduler
