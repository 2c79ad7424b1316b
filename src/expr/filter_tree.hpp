// SPDX-License-Identifier: Apache-2.0
// The tree of a filter. Private; filter.hpp is the door.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace re2 {
class RE2;
}

namespace caravan::expr {

struct FilterNode {
  enum class Kind { either, both, negation, match, any, all };
  enum class Operator { equal, unequal, in, empty, matches };
  Kind kind = Kind::match;
  std::vector<std::shared_ptr<const FilterNode>> parts;  // of either, both, negation, any, all
  // Of a match, and what any and all go over:
  std::vector<std::string> selector;
  Operator op = Operator::equal;
  bool negated = false;  // not in, is not empty, not matches
  std::string value;
  std::shared_ptr<const re2::RE2> pattern;
  std::string name;   // `as name`; of `as k, v` the first
  std::string name2;  // the second
};

}  // namespace caravan::expr
