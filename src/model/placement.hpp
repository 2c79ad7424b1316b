// SPDX-License-Identifier: Apache-2.0
// What a job says about where it wants to be: hard constraints, soft affinities, and spread.
#pragma once

#include <string>
#include <vector>

#include "model/field.hpp"

namespace caravan::model {

/// A node that fails it is filtered out. Operators: facts of the public docs, "constraint" block.
struct Constraint {
  std::string left;  // "${attr.kernel.name}" or a literal
  std::string right;
  std::string operand = "=";
  base::Unknown unknown;
  friend bool operator==(const Constraint&, const Constraint&) = default;
};
template <class V>
void fields(V& v, Constraint& c) {
  v(1, "LTarget", c.left);
  v(2, "RTarget", c.right);
  v(3, "Operand", c.operand);
  v.unknown(c.unknown);
}
/// "${attr.kernel.name} = linux", as placement failures show it.
std::string to_string(const Constraint& constraint);

/// Moves a node's score by weight / sum of weights when it matches. Weight -100..100, not 0.
struct Affinity {
  std::string left;
  std::string right;
  std::string operand = "=";
  int weight = 50;
  base::Unknown unknown;
  friend bool operator==(const Affinity&, const Affinity&) = default;
};
template <class V>
void fields(V& v, Affinity& a) {
  v(1, "LTarget", a.left);
  v(2, "RTarget", a.right);
  v(3, "Operand", a.operand);
  v(4, "Weight", a.weight);
  v.unknown(a.unknown);
}

struct SpreadTarget {
  std::string value;
  int percent = 0;
  base::Unknown unknown;
  friend bool operator==(const SpreadTarget&, const SpreadTarget&) = default;
};
template <class V>
void fields(V& v, SpreadTarget& t) {
  v(1, "Value", t.value);
  v(2, "Percent", t.percent);
  v.unknown(t.unknown);
}

struct Spread {
  std::string attribute;
  int weight = 50;
  std::vector<SpreadTarget> targets;
  base::Unknown unknown;
  friend bool operator==(const Spread&, const Spread&) = default;
};
template <class V>
void fields(V& v, Spread& s) {
  v(1, "Attribute", s.attribute);
  v(2, "Weight", s.weight);
  v(3, "SpreadTarget", s.targets);
  v.unknown(s.unknown);
}

}  // namespace caravan::model
